import type { KeyKeeping } from '../message/business-key.js';
import type { SchemaBundle } from '../message/document.js';
import type { ExchangeProfile, QName } from '../message/message.js';
import type { DeclaredKey } from './declared-key.js';
import type { Quotas, RateLimit } from './rate-limit.js';
import type { RestBinding } from './rest-binding.js';

export interface Participant {
  /** IPA code, `c_i804`. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'region' | 'technical-centre' | 'service-centre' | 'municipality' | 'agency';
  /** IPA code of the body above; null at the top. */
  readonly parent: string | null;
  /** `minimal`: its systems learn that they may not, and not why; where it is left out, all. */
  readonly disclosure?: 'minimal';
  /** Requests of all its systems, and what they send. */
  readonly limits?: RateLimit & Quotas;
  /** True: contents that it sends or receives are kept encrypted. */
  readonly encryptPayloads?: boolean;
  /** True: nothing is taken from it and nothing is delivered to it, by an operator's word. */
  readonly suspended?: boolean;
}

/** A public key as RFC 7517 writes it. */
export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kty: string; readonly kid?: string };

/** How a client of the token endpoint proves who it is: a secret, or a key that signs its assertions (RFC 7523). */
export type OauthCredential = { readonly kind: 'oauth'; readonly clientId: string } & (
  | { readonly hash: string }
  | { readonly jwks: { readonly keys: readonly PublicJwk[] } }
  /** PEM, SubjectPublicKeyInfo. */
  | { readonly publicKey: string }
);

/** How a system proves who it is. Secrets are kept as `scrypt$N$r$p$salt$hash` (base64url), never in clear. */
export type Credential = {
  /** ISO 8601: before and after which it proves nothing; left out, it has no such end. */
  readonly notBefore?: string;
  readonly expires?: string;
} & (
  | { readonly kind: 'api-key'; readonly id: string; readonly hash: string }
  | { readonly kind: 'basic'; readonly username: string; readonly hash: string }
  /** Lower-case hex SHA-256 of the DER certificate. */
  | { readonly kind: 'tls'; readonly thumbprint: string }
  /** Names as RFC 4514 writes them, of certificates that chain to the truststore; of any issuer there where it is left out. */
  | { readonly kind: 'tls'; readonly subject: string; readonly issuer?: string }
  /** RabbitMQ user name (`user_id` of what it publishes). */
  | { readonly kind: 'amqp'; readonly username: string }
  | OauthCredential
  /** `iss` and `sub` of the tokens of a registered issuer. */
  | { readonly kind: 'token'; readonly issuer: string; readonly subject: string }
);

/** Whose tokens are taken beside the gateway's own. */
export interface Issuer {
  readonly id: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** Where its keys are fetched, and nowhere else. */
  readonly jwksUri: string;
  /** What its tokens must name in `aud`. */
  readonly audience: string;
  readonly algorithms: readonly string[];
}

/** What a receiver gets: the bytes as they came, or the payload written anew in its own way. */
export type BodyShape = 'original' | 'soap11' | 'soap12' | 'xml' | 'json' | 'cloudevents';

export interface RetryRule {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}

export interface PushDestination {
  readonly url: string;
  readonly timeoutMs: number;
  /** Sent as they are; a value `env:NAME` was replaced when the registry was loaded. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What one kind of answer of a system means, where it is not what the standards say. */
export interface OutcomeRule {
  /** An HTTP status, or a class of them (`4xx`); null: any. */
  readonly status: number | '4xx' | '5xx' | null;
  /** A fault in the answer: local name of a SOAP fault code or subcode, or the `type` of a problem (RFC 9457); null: any or none. */
  readonly fault: string | null;
  readonly means: 'delivered' | 'retry' | 'refused';
}

interface Destination {
  readonly shape: BodyShape;
  /** Deliveries under way at once. */
  readonly concurrency: number;
  /** Deliveries a second on each node; where it is left out, no limit. */
  readonly rate?: number;
  readonly retry: RetryRule;
}

export type Receives = Destination &
  (
    | ({
        readonly channel: 'push-soap' | 'push-rest';
        /** The first that fits an answer decides. */
        readonly outcomes: readonly OutcomeRule[];
        /** True where it undoes gzip: every body is packed for it. */
        readonly gzip?: boolean;
      } & PushDestination)
    | { readonly channel: 'box' }
    | { readonly channel: 'amqp-queue' }
  );

/** How a system answers the queries of one service. */
export interface Endpoint extends Omit<PushDestination, 'url'> {
  readonly protocol: 'soap11' | 'soap12' | 'rest';
  /** How it is asked: called at `url`, or it fetches its questions, of every service, or takes them from its AMQP queue. */
  readonly by: 'call' | 'fetch' | 'amqp';
  /** Its SOAP address, or what a REST path is put behind; null where it is not called. */
  readonly url: string | null;
  /** A question that is safe is asked a second time when it has waited so long; null: never. */
  readonly hedgeAfterMs: number | null;
  /** True where the gateway may answer again what it has answered, as its Cache-Control says. */
  readonly cache: boolean;
}

export interface Provided {
  readonly service: string;
  readonly version: number;
  /** Null: it answers no queries. */
  readonly endpoint: Endpoint | null;
}

export interface System {
  readonly id: string;
  readonly participant: string;
  readonly credentials: readonly Credential[];
  readonly provides: readonly Provided[];
  /** Queries that it is asked at once, and that wait for their turn; one more is refused. */
  readonly answers: { readonly concurrency: number; readonly waiting: number };
  /** Null: it only sends. */
  readonly receives: Receives | null;
  /** Where receipts are pushed; null: the sender fetches them. */
  readonly receiptsTo: PushDestination | null;
  /** What its X-ReplyTo may name: these addresses and all below them. */
  readonly callbacks: readonly PushDestination[];
  /** True: nothing is delivered to it or asked of it, by an operator's word. */
  readonly paused: boolean;
  /** True: it is paused because its body is suspended, whatever was said of the system itself. */
  readonly suspended?: boolean;
  /** IPA codes of other bodies for which it may send and ask. */
  readonly actsFor?: readonly string[];
  /** Requests; where it is left out, as the gateway is set. */
  readonly limits?: RateLimit;
}

export interface Operation {
  readonly name: string;
  readonly profile: ExchangeProfile;
  readonly soapAction: string | null;
  /** Payload element; null where the operation takes JSON only. */
  readonly element: QName | null;
  /** Where it stands under the service's REST address; null where it does not. */
  readonly rest: RestBinding | null;
  /** CloudEvents type; null where it is not an event. */
  readonly eventType: string | null;
  readonly xsd: SchemaBundle | null;
  /** Element of the answer (of an asynchronous message: of the later one) in the same XSD; null where none is published. */
  readonly output: QName | null;
  readonly jsonSchema: SchemaBundle | null;
  /** Of the JSON answer to an asynchronous message; null where none is published. */
  readonly answerSchema: SchemaBundle | null;
  /** True where it only reads, whatever its method (RFC 9110 §9.2.1), and may be called again. */
  readonly safe: boolean;
  /** 0 to 9, the highest first; 4 where it is left out. */
  readonly priority?: number;
  /** True where the SOAP answer is the gateway's own `presaInCarico` (the WSDL declares it); false: empty HTTP 202. */
  readonly acknowledged: boolean;
  /** True where the WSDL publishes an answer of its own, which a sender expects on its connection. */
  readonly promised: boolean;
  /** Element in which a SOAP sender that polls is told `accepted`; null: `presaInCarico`, nothing, or nobody polls. */
  readonly acceptedAs: QName | null;
  /** Asked of the gateway, about a message of another operation of the service; null: it is the provider's. */
  readonly follows: { readonly operation: string; readonly asks: 'status' | 'result' } | null;
}

/** Only a draft may change; only what is published or deprecated can be called. */
export type ServiceStatus = 'draft' | 'published' | 'deprecated' | 'retired';

/** A published interface. */
export interface Service {
  readonly id: string;
  readonly version: number;
  readonly title: string;
  readonly status: ServiceStatus;
  /** IPA code of the body that publishes it; null: the platform. */
  readonly owner: string | null;
  /** Since when it is deprecated and when it ends; null where nothing was announced. */
  readonly deprecated: Date | null;
  readonly sunset: Date | null;
  readonly operations: readonly Operation[];
  /** Whole request, bytes. */
  readonly maxBytes: number;
  /** Messages and questions of each body that calls it. */
  readonly limits?: RateLimit;
  /**
   * Bytes of attachments, or of an opaque body, that are taken beside the document and stream; `maxBytes` is then the
   * document's limit. Null: the whole request is held.
   */
  readonly maxAttachmentBytes: number | null;
  /** Path of local names to the sender's / receiver's IPA code in the payload; null where the payload has none. */
  readonly senderPath: string | null;
  readonly receiverPath: string | null;
  /** By which people find its messages. */
  readonly businessKeys?: readonly DeclaredKey[];
  /** The files behind the interface by the name that they are served under; see publication.ts. */
  readonly wsdl: PublishedDocument | null;
  readonly openapi: PublishedDocument | null;
}

export interface PublishedDocument {
  readonly entry: string;
  readonly documents: Readonly<Record<string, string>>;
}

/**
 * What an operator may do: admin/permissions.ts has the table. `service-centre` and `auditor` act on the participant of
 * their scope and on every one below it, `participant` on the one of its scope alone.
 */
export type OperatorRole = 'platform' | 'service-centre' | 'participant' | 'auditor';

/** Somebody who uses the operators' API. */
export interface Operator {
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
  /** IPA code; null: every participant. */
  readonly scope: string | null;
  /** The bearer token is `{id}.{secret}`; a second one serves while the first is replaced. */
  readonly tokens: readonly { readonly id: string; readonly hash: string }[];
  /** What the issuer says of it; none: it does not log in there. */
  readonly identity?: string;
}

/** Seconds after acceptance at which a delivery expires where no agreement says otherwise: five days. */
export const EXPIRES_AFTER_S = 432_000;

/** Who may call what of whom, and how well. */
export interface Agreement {
  readonly id: string;
  readonly consumer: string;
  readonly provider: string;
  readonly service: string;
  readonly version: number;
  /** Null: every operation. */
  readonly operations: readonly string[] | null;
  /** Asked for by the consumer, granted by the provider, held back for a time, ended for good. */
  readonly status: 'requested' | 'active' | 'suspended' | 'revoked';
  /** True: nothing new is taken; what waits is delivered. */
  readonly takesNothing?: boolean;
  readonly validFrom: Date | null;
  readonly validUntil: Date | null;
  /** True where an event without a receiver goes to this provider too. */
  readonly subscribes: boolean;
  /** Seconds after acceptance at which a delivery expires. */
  readonly expiresAfter: number;
  /** True: the sender must give a message id. */
  readonly filtersDuplicates: boolean;
  /** True: messages of one conversation are to be delivered in order. */
  readonly ordered: boolean;
  /** The highest priority that its messages may have; null: the operation's own. */
  readonly maxPriority?: number | null;
  /** False: no receipt is pushed to the sender; it can still fetch them. */
  readonly receipts: boolean;
  /** What is kept of a question that was answered on its connection; messages are always kept whole. */
  readonly evidence: 'none' | 'digest' | 'full';
  /** True: a question is durable before it is asked, its answer before it is given. */
  readonly strictEvidence: boolean;
  /** Days after acceptance for which contents are kept; null: as the gateway is set. */
  readonly contentDays: number | null;
  /** Days for which the records are kept at least; null: as the gateway is set. */
  readonly recordDays: number | null;
  /** How the business keys of its messages are kept; `clear` where it is left out. */
  readonly businessKeys?: KeyKeeping;
  /** Whole request, bytes; null: the service's own limit. */
  readonly maxBytes: number | null;
  /** Messages a minute; null: no limit. */
  readonly perMinute: number | null;
}
