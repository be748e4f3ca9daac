import type { KeyKeeping, KeyKind } from '../../message/business-key.js';
import type { ExchangeProfile, QName } from '../../message/message.js';
import type {
  Agreement,
  BodyShape,
  Credential,
  Endpoint,
  Issuer,
  Operator,
  OperatorRole,
  OutcomeRule,
  Participant,
  RetryRule,
  ServiceStatus,
} from '../model.js';
import type { Quotas, RateLimit } from '../rate-limit.js';

/** The documents as they are written (schemas/crocevia/1.0/registry.schema.json); what is left out has a default. */
export type RegistryDocument =
  ParticipantDocument | SystemDocument | ServiceDocument | AgreementDocument | OperatorDocument | IssuerDocument;

export interface ParticipantDocument {
  readonly kind: 'participant';
  readonly id: string;
  readonly name: string;
  readonly type: Participant['kind'];
  readonly parent?: string;
  readonly disclosure?: 'full' | 'minimal';
  readonly limits?: RateLimit & Quotas;
  readonly encryptPayloads?: boolean;
  readonly suspended?: boolean;
}

export interface PushDocument {
  readonly url: string;
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export type ReceivesDocument = {
  readonly shape?: BodyShape;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly retry?: Partial<RetryRule>;
} & (
  | ({
      readonly channel: 'push-soap' | 'push-rest';
      readonly outcomes?: readonly (Partial<OutcomeRule> & Pick<OutcomeRule, 'means'>)[];
      readonly gzip?: boolean;
    } & PushDocument)
  | { readonly channel: 'box' | 'amqp-queue' }
);

export interface EndpointDocument extends Partial<PushDocument> {
  readonly protocol: Endpoint['protocol'];
  readonly by?: 'amqp';
  readonly hedgeAfterMs?: number;
  readonly cache?: boolean;
}

export interface ProvidedDocument {
  readonly service: string;
  readonly version: number;
  /** Without a `url` the system fetches its questions, or takes them `by` AMQP. */
  readonly endpoint?: EndpointDocument;
}

export interface SystemDocument {
  readonly kind: 'system';
  readonly id: string;
  readonly participant: string;
  readonly credentials?: readonly Credential[];
  readonly provides?: readonly ProvidedDocument[];
  readonly answers?: { readonly concurrency?: number; readonly waiting?: number };
  readonly receives?: ReceivesDocument;
  readonly receiptsTo?: PushDocument;
  readonly callbacks?: readonly PushDocument[];
  readonly paused?: boolean;
  readonly actsFor?: readonly string[];
  readonly limits?: RateLimit;
}

export interface OperationDocument {
  readonly name: string;
  readonly profile?: ExchangeProfile;
  readonly soapAction?: string;
  readonly element?: QName;
  readonly rest?: { readonly method: string; readonly path: string };
  readonly eventType?: string;
  readonly jsonSchema?: string;
  readonly answer?: { readonly element?: QName; readonly jsonSchema?: string };
  /** Operations of the same WSDL that ask for status and result of this one. */
  readonly status?: string;
  readonly result?: string;
  readonly safe?: boolean;
  readonly priority?: number;
}

export interface KeyDocument {
  readonly name: string;
  readonly label: { readonly it: string; readonly en: string };
  readonly kind?: KeyKind;
  readonly xpath?: string;
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly jsonPath?: string;
}

export interface ServiceDocument {
  readonly kind: 'service';
  readonly id: string;
  readonly version: number;
  readonly title: string;
  /** IPA code of the body whose operators publish it; none: the platform's. */
  readonly owner?: string;
  readonly status?: ServiceStatus;
  /** ISO 8601: since when it is deprecated, and when it ends. */
  readonly deprecated?: string;
  readonly sunset?: string;
  readonly maxBytes?: number;
  readonly maxAttachmentBytes?: number;
  readonly limits?: RateLimit;
  readonly senderPath?: string;
  readonly receiverPath?: string;
  readonly businessKeys?: readonly KeyDocument[];
  readonly wsdl?: string;
  readonly openapi?: string;
  readonly xsd?: string;
  readonly catalog?: Readonly<Record<string, string>>;
  readonly operations?: readonly OperationDocument[];
}

export interface AgreementDocument {
  readonly kind: 'agreement';
  readonly id: string;
  readonly consumer: string;
  readonly provider: string;
  readonly service: string;
  readonly version: number;
  readonly operations?: readonly string[];
  readonly status?: Agreement['status'];
  readonly intake?: 'open' | 'paused';
  readonly validFrom?: string;
  readonly validUntil?: string;
  readonly subscribes?: boolean;
  readonly expiresAfter?: number;
  readonly filtersDuplicates?: boolean;
  readonly ordered?: boolean;
  readonly maxPriority?: number;
  readonly receipts?: boolean;
  readonly evidence?: Agreement['evidence'];
  readonly strictEvidence?: boolean;
  readonly contentDays?: number;
  readonly recordDays?: number;
  readonly businessKeys?: KeyKeeping;
  readonly maxBytes?: number;
  readonly perMinute?: number;
}

export interface OperatorDocument {
  readonly kind: 'operator';
  readonly id: string;
  readonly name: string;
  readonly role: OperatorRole;
  readonly scope?: string;
  readonly tokens?: Operator['tokens'];
  readonly identity?: string;
}

export interface IssuerDocument extends Omit<Issuer, 'algorithms'> {
  readonly kind: 'issuer';
  readonly algorithms?: readonly string[];
}
