import type { BusinessKey, KeyPath } from './business-key.js';
import type { DocumentFormat, QName } from './message.js';
import type { Violation } from './fault.js';

/**
 * A published schema as data, so that it can travel to a worker thread: every document it needs, none to be fetched.
 * `key` is the sha256 over kind, entry and documents; equal keys compile once per thread.
 */
export interface SchemaBundle {
  readonly key: string;
  readonly kind: 'xsd' | 'json-schema';
  /** Name of the document to start from. */
  readonly entry: string;
  /** Name -> text. Every schemaLocation / $ref inside names another key of this map. */
  readonly documents: Readonly<Record<string, string>>;
}

export interface ExaminationOrder {
  /** Null: no schema is asked for (the digest and the extracts still are). */
  readonly schema: SchemaBundle | null;
  /** Label -> path of local names from the payload root, `testata/codiceIpaMittente`; the same in XML and JSON. */
  readonly extract: Readonly<Record<string, string>>;
  /** Of a valid payload that is digested; left out: none. */
  readonly keys?: readonly KeyPath[];
  /** JSON only: the payload is this top-level member (CloudEvents `data`), digested as JSON with sorted names. */
  readonly member?: string;
  /** Set where nobody wants the digest, which costs as much as the validation: it is empty then. */
  readonly undigested?: true;
}

export interface Examination {
  /** At most 100, in document order. */
  readonly violations: readonly Violation[];
  readonly truncated: boolean;
  /** Label -> text of the first match; absent where there is none. */
  readonly extracted: Readonly<Record<string, string>>;
  readonly keys: readonly BusinessKey[];
  /**
   * Lower-case hex SHA-256 of the payload: exclusive C14N of the payload element, or the JSON bytes as they came. Empty
   * where the first violations were answered before the validation had ended, and where the order is `undigested`.
   */
  readonly digest: string;
}

/** A SOAP header block that the gateway may look at. */
export interface HeaderBlock extends QName {
  readonly mustUnderstand: boolean;
  /** SOAP 1.1 actor or SOAP 1.2 role; null = the ultimate receiver. */
  readonly role: string | null;
  /** Trimmed text content, at most 2,048 characters. */
  readonly text: string;
  /** For wsa:ReplyTo and the like: text of the wsa:Address child. */
  readonly address: string | null;
}

/** What an XML document is, as far as routing needs it. */
export interface XmlFacts {
  readonly root: QName;
  /** Present where the root is a SOAP Envelope of either version. */
  readonly envelope: {
    readonly version: 'soap11' | 'soap12';
    readonly headers: readonly HeaderBlock[];
    /** Element children of Body. */
    readonly body: readonly QName[];
  } | null;
}

/**
 * A document parsed once, whichever thread holds it. Throws Faults: not-well-formed, dtd-forbidden, encoding-wrong,
 * too-deep, too-complex on opening; validation-timeout on examining. `close` must be called once, always.
 */
export interface OpenDocument {
  readonly format: DocumentFormat;
  readonly xml: XmlFacts | null;
  /**
   * The parsed JSON value; undefined for XML. Of JSON held by a worker only the outline: top-level members as they are,
   * but objects and arrays among them empty, and strings over 4,096 characters empty.
   */
  readonly json: unknown;
  /** Examines the payload: for a SOAP envelope the element in Body, else the root. May be called once. */
  examine(order: ExaminationOrder): Promise<Examination>;
  close(): void;
}

/** Opens documents inline when small, in a worker thread with a deadline when big. */
export interface Documents {
  openXml(bytes: Buffer, charset: string | null): Promise<OpenDocument>;
  openJson(bytes: Buffer): Promise<OpenDocument>;
}
