import type { OpenDocument } from '../message/document.js';
import type { Fault } from '../message/fault.js';
import type { Message, DocumentFormat, QName } from '../message/message.js';
import type { Acceptance, Arrival, Attachment, Decoded, Identified, Reply, StreamedBody } from '../message/stages.js';

/** The body payload on its own: what schemas describe, mediation converts and another protocol can carry. */
export interface Payload {
  readonly format: DocumentFormat;
  /** A whole document: XML with its namespaces declared, or JSON; UTF-8. */
  readonly bytes: Buffer;
  readonly attachments: readonly Attachment[];
}

export interface AnswerContext {
  /** Absolute address of the status resource; null where the refusal left none. */
  readonly statusUrl: string | null;
  /** True where the operation's published answer is `presaInCarico`. */
  readonly acknowledged: boolean;
  /** Absent where nobody polls the message over SOAP. `accepted`: tells so in the published element; null: as everyone is told. */
  readonly polled?: { readonly accepted: Payload | null };
  /** The gateway's id of the message or of the refusal; null where nothing was recorded. */
  readonly id: string | null;
  /** `it` or `en`, from Accept-Language. */
  readonly language: 'it' | 'en';
}

/** What is put on the wire for a receiver. */
export interface Outgoing {
  /** Lower-case names; content-type among them. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What a receiver's answer means, read in its own protocol. */
export interface AnswerReading {
  /** Null: no fault inside. */
  readonly fault: {
    readonly reason: string;
    readonly blame: 'sender' | 'receiver';
    /** SOAP fault code and subcode without their prefixes, or the type of a problem. */
    readonly codes: readonly string[];
  } | null;
}

/** What a system answered to a query, opened once. `close` must be called once, always. */
export interface OpenAnswer {
  /** Null: there is no body, or none that a published schema can describe. */
  readonly document: OpenDocument | null;
  /** Payload element; null for JSON and for no body. */
  readonly element: QName | null;
  /** A SOAP Fault or a problem (RFC 9457); `readAnswer` tells what it says. */
  readonly isFault: boolean;
  close(): void;
}

/**
 * An envelope codec: bytes <-> canonical message. It looks nothing up and knows no other protocol. `decode` throws
 * Faults; on a throw every document it opened is closed; on success the caller closes `decoded.document`.
 */
export interface Protocol {
  readonly binding: Arrival['binding'];
  decode(arrival: Identified, body: Buffer | StreamedBody): Promise<Decoded>;
  /** The answer to an accepted message. */
  accepted(decoded: Decoded, acceptance: Acceptance, context: AnswerContext): Reply;
  /** A refusal in the sender's own protocol, also for an envelope that could not be read. */
  refused(fault: Fault, arrival: Pick<Arrival, 'headers'>, context: AnswerContext): Reply;
  /** Takes the payload out of stored original bytes; `headers` are those stored with the message. */
  payload(headers: Readonly<Record<string, string>>, content: Buffer): Promise<Payload>;
  /** Reads what a receiver that speaks this protocol answered. */
  readAnswer(status: number, headers: Readonly<Record<string, string>>, body: Buffer): Promise<AnswerReading>;
}

/** What a protocol in which queries are asked and answered adds to its envelope codec. */
export interface AnswerCodec {
  /** Opens what a system that speaks this protocol answered to a query. Throws the faults of reading. */
  openAnswer(headers: Readonly<Record<string, string>>, body: Buffer): Promise<OpenAnswer>;
  /** The answer to a query in the consumer's own protocol; null: there is nothing to say. Throws mediation-failed. */
  answered(
    asked: Pick<Decoded, 'protocol' | 'document' | 'hints'>,
    payload: Payload | null,
    message: Pick<Message, 'id' | 'messageId'>,
  ): Outgoing;
}

/** Writes a payload anew in one shape (BodyShape other than `original`), with the message's ids. */
export type Compose = (message: Message, payload: Payload, operation: OutgoingOperation) => Outgoing;

/** The facts of the published operation that an envelope needs. */
export interface OutgoingOperation {
  readonly soapAction: string | null;
  readonly eventType: string | null;
  readonly receiver: string;
  /** `PUBLIC_URL` of this gateway, the CloudEvents source prefix. */
  readonly publicUrl: string;
  /** Of the header block X-Correlation-ID: ModI has it in that of the body of an answer; null: the gateway's own. */
  readonly correlationNamespace: string | null;
}
