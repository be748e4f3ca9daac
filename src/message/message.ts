/** A participant's system: `participant` is an IPA code (`c_i804`), `system` is unique in the registry. */
export interface Party {
  readonly participant: string;
  readonly system: string;
}

export interface QName {
  readonly namespace: string;
  readonly name: string;
}

/** How a message is written on the wire; `rest` is a bare JSON or XML document over HTTP. */
export type ProtocolName = 'soap11' | 'soap12' | 'rest' | 'cloudevents';

export const isSoap = (protocol: ProtocolName | undefined): protocol is 'soap11' | 'soap12' =>
  protocol === 'soap11' || protocol === 'soap12';

/** The two formats that published schemas describe. */
export type DocumentFormat = 'xml' | 'json';

/**
 * How the exchange goes on after acceptance (schemas/README.md): `one-way` ends there; `async-receipt` is answered by
 * a later message to the sender; `async-polled` lets the sender ask its status; `query` waits for the answer.
 */
export type ExchangeProfile = 'one-way' | 'async-receipt' | 'async-polled' | 'query';

/** Where the answer to a message goes, and in which protocol. */
export interface ReplyTo {
  /** A URL below one of the sender's registered callbacks. */
  readonly url: string;
  readonly protocol: ProtocolName;
  readonly format: DocumentFormat;
}

/** One thing accepted, immutable. */
export interface Message {
  /** UUIDv7 made by the gateway; names the status resource and, by its time, the partition. */
  readonly id: string;
  /** The sender's own id, the idempotency key; the gateway's `urn:uuid:` where the sender gave none. */
  readonly messageId: string;
  readonly correlationId: string;
  /** The `messageId` or `id` that this one answers. */
  readonly relatesTo: string | null;
  /** Null: whoever has sent it fetches the answer. Of an answer: where it is going itself. */
  readonly replyTo: ReplyTo | null;
  readonly sender: Party;
  readonly service: string;
  readonly version: number;
  readonly operation: string;
  /** `answer`: what the receiver of an asynchronous message has answered to it (`relatesTo` is that message's `id`). */
  readonly profile: ExchangeProfile | 'answer';
  readonly protocol: ProtocolName;
  /** Format of the body payload. */
  readonly format: DocumentFormat;
  /** Lower-case names: what a receiver of the original bytes needs (content-type, soapaction, ce-*). */
  readonly headers: Readonly<Record<string, string>>;
  /** Lower-case hex SHA-256 of body payload and attachments: the same message has the same digest. */
  readonly digest: string;
  /** Bytes of the original content. */
  readonly size: number;
  readonly acceptedAt: Date;
}

export type MessageState = 'ACCEPTED' | 'COMPLETED' | 'PARTIALLY_FAILED' | 'REJECTED';
