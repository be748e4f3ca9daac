import { FAULTS, type FaultCode } from './fault-catalogue.js';
import type { FaultKind } from './faults/kind.js';

/** One thing wrong with a document: where, what was found, what the published rule expects. */
export interface Violation {
  /** JSON Pointer for JSON, a readable `/Envelope/Body/x[2]/y` path for XML. */
  readonly path: string;
  /** 1-based line in the bytes that were sent; null where the format gives none. */
  readonly line: number | null;
  /** 1-based column in that line, in UTF-16 units; null where the line is. */
  readonly column: number | null;
  /** The facet or keyword that failed: `pattern`, `enumeration`, `required`, `unexpected-element`, ... */
  readonly rule: string;
  readonly expected: string;
  /** What was found, cut to 120 characters; null where nothing was. */
  readonly found: string | null;
  /** The whole in one sentence a vendor can act on. */
  readonly message: string;
}

export interface FaultDetail {
  /** What is wrong with this very message; shown to the sender, so never internals and never another's data. */
  readonly detail: string;
  /** Where: a header name, a URL segment, an element or a JSON pointer. */
  readonly place?: string;
  /** What would have been accepted. */
  readonly expected?: string;
  readonly violations?: readonly Violation[];
  /** True where more violations exist than are listed. */
  readonly truncated?: boolean;
  /** Seconds after which a retryable fault is worth another try (Retry-After). */
  readonly retryAfterSeconds?: number;
  /** What the provider of a query said of its failure, for a consumer of another protocol; not recorded. */
  readonly provider?: ProviderSaid;
  /** Kept for the log, never sent. */
  readonly cause?: unknown;
}

/** JSON: members of a problem, or elements of the detail of a SOAP fault. */
export type ProviderSaid = Readonly<Record<string, unknown>>;

/** A refusal as it is stored and shown: the plain data of a {@link Fault}. */
export interface FaultRecord {
  readonly code: FaultCode;
  readonly blame: FaultKind['blame'];
  readonly retryable: boolean;
  readonly detail: string;
  readonly place: string | null;
  readonly expected: string | null;
  readonly violations: readonly Violation[];
  readonly truncated: boolean;
}

/** The only way in which the gateway refuses: a code of the catalogue with the place and the expectation. */
export class Fault extends Error {
  readonly kind: FaultKind;

  constructor(
    readonly code: FaultCode,
    readonly info: FaultDetail,
  ) {
    super(`${code}: ${info.detail}`, { cause: info.cause });
    this.name = 'Fault';
    this.kind = FAULTS[code];
  }

  toRecord(): FaultRecord {
    const { detail, place = null, expected = null, violations = [], truncated = false } = this.info;
    const { blame, retryable } = this.kind;
    return { code: this.code, blame, retryable, detail, place, expected, violations, truncated };
  }
}

/** A refusal again, from how it was stored or carried. */
export function faultOf({ code, detail, place, expected, violations, truncated }: FaultRecord): Fault {
  return new Fault(code, {
    detail,
    ...(place !== null && { place }),
    ...(expected !== null && { expected }),
    ...(violations.length > 0 && { violations, truncated }),
  });
}

/** An error that is no Fault is the gateway's own: the sender learns nothing of it but that it may try again. */
export function faultFrom(error: unknown): Fault {
  if (error instanceof Fault) return error;
  return new Fault('internal', { detail: 'The gateway failed on its side; the message was not taken.', cause: error });
}
