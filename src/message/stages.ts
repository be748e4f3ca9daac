import type { StoredContent, StoredPart } from './content.js';
import type { Message, Party, ProtocolName, QName, DocumentFormat } from './message.js';
import type { Examination, OpenDocument } from './document.js';
import type { TraceContext } from './trace-context.js';

/** Which door and which address: all that is known before a byte of the body is read. */
export interface Arrival {
  readonly door: 'http' | 'amqp';
  /** `soap` until the envelope tells its version. */
  readonly binding: 'soap' | 'rest' | 'cloudevents';
  /** What the address says; null segments come from the message itself (CloudEvents). */
  readonly address: {
    readonly participant: string | null;
    readonly version: number | null;
    readonly service: string | null;
    /** What follows the service in a REST path, with its leading slash, each segment decoded; empty for SOAP. */
    readonly path: string;
    /** As it came, without the question mark. */
    readonly query: string;
    readonly method: string;
  };
  /** Lower-case names; a header sent twice is joined by ", " (RFC 9110 §5.3). */
  readonly headers: Readonly<Record<string, string>>;
  readonly arrivedAt: Date;
  /** Milliseconds spent at each station so far, in order. */
  readonly clock: StationClock;
  /** True where an operator sends it, to try the way. */
  readonly isTest?: boolean;
  /** Set where the path begins. */
  readonly trace?: ArrivalTrace;
}

/** The span of what came, in the sender's trace. */
export interface ArrivalTrace {
  /** The context that goes on with the message that was made of it; `origin`: what an event itself carries. */
  carry(message: Message, origin?: TraceContext): TraceContext;
  /** With the HTTP status of the answer. */
  end(status: number): void;
}

/** Notes how long each station took; the journal stores the list with the acceptance. */
export interface StationClock {
  mark(station: string): void;
  /** A time that was measured elsewhere, part of the next or the last mark. */
  note(station: string, ms: number): void;
  readonly marks: readonly { readonly station: string; readonly ms: number }[];
  /** One that goes on from here by itself: several questions can come of one request. */
  fork(): StationClock;
}

/** The system that has proved who it is, and the body for which it speaks. */
export interface Caller extends Party {
  /** IPA codes of other bodies for which it may speak. */
  readonly actsFor?: readonly string[];
  /** True where it is not told why an agreement refuses it. */
  readonly isToldLess?: boolean;
}

export interface Identified extends Arrival {
  readonly caller: Caller;
}

/** What the message says of its operation; resolve decides, and refuses when they disagree. */
export interface OperationHints {
  readonly soapAction: string | null;
  /** `action` parameter of a SOAP 1.2 Content-Type (RFC 3902 §2). */
  readonly actionParameter: string | null;
  readonly wsaAction: string | null;
  readonly element: QName | null;
  readonly eventType: string | null;
}

export interface Attachment {
  readonly contentId: string | null;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** A part that lies in the payload store. */
export interface StreamedPart extends StoredPart {
  /** All of it where `isHeld`, else its beginning; its transfer encoding undone. */
  readonly bytes: Buffer;
  readonly isHeld: boolean;
}

/** A body that is too large to be held: its original bytes are in the payload store already, and belong to no message yet. */
export interface StreamedBody {
  readonly stored: StoredContent;
  /** The document, its transfer encoding undone; empty where the whole body is opaque. */
  readonly root: Buffer;
  readonly parts: readonly StreamedPart[];
}

/** The envelope read, candidates only: nothing has been looked up. */
export interface Decoded extends Identified {
  readonly protocol: ProtocolName;
  readonly format: DocumentFormat;
  /** The whole request body as it came: what is stored and forwarded; of a streamed one the document alone. */
  readonly content: Buffer;
  /** Where a streamed body lies. */
  readonly stored?: StoredContent;
  /** Media type of a body that no schema describes and nobody opens. */
  readonly opaque?: string;
  readonly contentHeaders: Readonly<Record<string, string>>;
  readonly document: OpenDocument;
  readonly attachments: readonly (Attachment | StreamedPart)[];
  readonly hints: OperationHints;
  readonly messageId: string | null;
  readonly correlationId: string | null;
  readonly relatesTo: string | null;
  readonly replyTo: string | null;
  /** The conversation that the sender says it belongs to, and its number there (from 1); null where it does not say. */
  readonly conversation: string | null;
  readonly sequence: number | null;
  /** The trace context that an event was born with. */
  readonly origin?: TraceContext;
  /** Who the envelope says sent it (wsa:From, CloudEvents `sender`, X-Sender); null where it does not say. */
  readonly claimedSender: string | null;
  /** IPA codes of the receivers that the envelope names. */
  readonly claimedReceivers: readonly string[];
}

/** The outcome of acceptance: what every protocol turns into its own answer. */
export interface Acceptance {
  readonly message: Pick<Message, 'id' | 'messageId' | 'correlationId' | 'acceptedAt'>;
  /** True where the same message had been accepted before: the answer is the first one again. */
  readonly duplicate: boolean;
}

export interface Examined {
  readonly examination: Examination;
}

/** What goes back over the sender's connection. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** A question was put to a provider: to take it again would be to ask again. */
  readonly isAsked?: true;
}
