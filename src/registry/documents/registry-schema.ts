import { businessKey } from './business-key-schema.js';
import { credential, hash, issuer } from './credential-schema.js';
import { closed, push, receives, when } from './receiving-schema.js';

/** Published as schemas/crocevia/1.0/registry.schema.json (`node scripts/manifest.mjs` after a build writes it). */
const ipa = { type: 'string', pattern: '^[a-z0-9_-]{2,64}$', description: 'IPA code, lower case' };
const id = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$', description: 'letters, digits, _ . -' };
const text = { type: 'string', minLength: 1, maxLength: 1_000 };
const version = { type: 'integer', minimum: 1, maximum: 9999 };
const tokenId = {
  type: 'string',
  pattern: '^[A-Za-z0-9_-]{1,64}$',
  description: 'the bearer token is {id}.{secret}; two at most, so that one can be replaced',
};
const priority = { type: 'integer', minimum: 0, maximum: 9 };
const count = (description: string) => ({ type: 'integer', minimum: 1, maximum: 1_000_000_000_000, description });
const rate = {
  perMinute: { type: 'integer', minimum: 1, maximum: 10_000_000, description: 'a minute, over all nodes' },
  burst: { type: 'integer', minimum: 1, maximum: 10_000_000, description: 'of them at once; default: all' },
};
const limits = (of: string, quotas: Record<string, unknown> = {}) => ({
  ...closed({ ...rate, ...quotas }, []),
  dependentRequired: { burst: ['perMinute'] },
  description: of,
});
const QUOTAS = {
  messagesPerDay: count('messages and questions a day of UTC'),
  messagesPerMonth: count('messages and questions a month of UTC'),
  bytesPerDay: count('their bytes a day'),
  bytesPerMonth: count('their bytes a month'),
};
const document = (kind: string, properties: Record<string, unknown>, required: readonly string[]) =>
  closed({ kind: { const: kind }, ...properties }, ['kind', ...required]);

const endpoint = {
  ...closed(
    {
      protocol: { enum: ['soap11', 'soap12', 'rest'] },
      by: { const: 'amqp', description: 'in place of url: the questions are put into the queue that the system reads' },
      ...push,
      hedgeAfterMs: {
        type: 'integer',
        minimum: 10,
        maximum: 600_000,
        description: 'a question that is safe is asked a second time after it, one in ten at most; default: never',
      },
      cache: {
        type: 'boolean',
        description: 'the gateway keeps REST answers as Cache-Control says, for the system that asked; default false',
      },
    },
    ['protocol'],
  ),
  dependentRequired: { headers: ['url'], hedgeAfterMs: ['url'] },
  dependentSchemas: { by: { properties: { url: false } } },
  description:
    'where the system answers the queries of the service; of REST the address before the path; without url and by, in every endpoint of the system, it fetches them',
};

const LITERAL = '[A-Za-z0-9_.~-]*';
const SEGMENT = `(?:[A-Za-z0-9_.~-]+|${LITERAL}\\{[A-Za-z0-9_.-]+\\}${LITERAL})`;
/** A REST path below the service's address, `/instance/{id}`: at most one variable in each segment. */
export const PATH_TEMPLATE = `^(/${SEGMENT})*/?$`;

const days = (what: string) => ({
  type: 'integer',
  minimum: 1,
  maximum: 36_500,
  description: `${what}, of days after acceptance; default: as the gateway is set`,
});
const element = closed({ namespace: { type: 'string', maxLength: 1_000 }, name: text }, ['namespace', 'name']);

const follower = (asked: string) => ({
  ...id,
  description: `operation of the WSDL by which the sender asks for the ${asked} of an async-polled one, answered by the gateway`,
});

const operation = {
  ...closed(
    {
      name: id,
      profile: { enum: ['one-way', 'async-receipt', 'async-polled', 'query'] },
      soapAction: text,
      element,
      rest: closed(
        {
          method: { enum: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] },
          path: { type: 'string', pattern: PATH_TEMPLATE, minLength: 1, description: '/segment/{variable}' },
        },
        ['method', 'path'],
      ),
      eventType: text,
      jsonSchema: { ...text, description: 'file, relative to this document' },
      answer: {
        ...closed({ element, jsonSchema: { ...text, description: 'file, relative to this document' } }, []),
        description: 'what the receiver of an asynchronous message answers to it later',
      },
      status: follower('status'),
      result: follower('result'),
      safe: { type: 'boolean', description: 'only reads, so that it may be called again; default false' },
      priority: { ...priority, description: 'of its messages, the highest first; default 4' },
    },
    ['name'],
  ),
  dependentRequired: { status: ['result'], result: ['status'] },
};

export const REGISTRY_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'https://schemi.crocevia.example/gateway/1.0/registry.schema.json',
  $comment: 'Crocevia. CC0-1.0.',
  title: 'One document of the registry',
  type: 'object',
  properties: { kind: { enum: ['participant', 'system', 'service', 'agreement', 'operator', 'issuer'] } },
  required: ['kind'],
  allOf: [
    when('kind', 'participant', { $ref: '#/$defs/participant' }),
    when('kind', 'system', { $ref: '#/$defs/system' }),
    when('kind', 'service', { $ref: '#/$defs/service' }),
    when('kind', 'agreement', { $ref: '#/$defs/agreement' }),
    when('kind', 'operator', { $ref: '#/$defs/operator' }),
    when('kind', 'issuer', { $ref: '#/$defs/issuer' }),
  ],
  $defs: {
    participant: document(
      'participant',
      {
        id: ipa,
        name: text,
        type: { enum: ['region', 'technical-centre', 'service-centre', 'municipality', 'agency'] },
        parent: { ...ipa, description: 'the body above; none at the top' },
        disclosure: {
          enum: ['full', 'minimal'],
          description: 'what its systems are told where an agreement refuses them: why, or only that; default full',
        },
        limits: limits('of all its systems: requests, and what they send', QUOTAS),
        encryptPayloads: {
          type: 'boolean',
          description: 'contents that it sends or receives are kept encrypted; needs a master key; default false',
        },
        suspended: {
          type: 'boolean',
          description: 'nothing is taken from it and nothing is delivered to it; default false',
        },
      },
      ['id', 'name', 'type'],
    ),
    system: document(
      'system',
      {
        id,
        participant: ipa,
        credentials: { type: 'array', items: credential },
        provides: { type: 'array', items: closed({ service: id, version, endpoint }, ['service', 'version']) },
        answers: closed(
          {
            concurrency: {
              type: 'integer',
              minimum: 1,
              maximum: 1000,
              description: 'queries asked at once; default 8',
            },
            waiting: { type: 'integer', minimum: 1, maximum: 10000, description: 'queries that wait; default 100' },
          },
          [],
        ),
        receives,
        receiptsTo: closed(push, ['url']),
        actsFor: {
          type: 'array',
          items: ipa,
          uniqueItems: true,
          maxItems: 1000,
          description: 'other bodies for which it may send and ask: the message names the body as its sender',
        },
        paused: { type: 'boolean', description: 'nothing is delivered to it or asked of it; default false' },
        limits: limits('requests of it; default: as the gateway is set'),
        callbacks: {
          type: 'array',
          items: closed(push, ['url']),
          maxItems: 50,
          description: 'what X-ReplyTo of this system may name: these addresses and all below them',
        },
      },
      ['id', 'participant'],
    ),
    service: document(
      'service',
      {
        id,
        version,
        title: text,
        owner: { ...ipa, description: 'the body whose operators publish it; default: the platform' },
        status: { enum: ['draft', 'published', 'deprecated', 'retired'], description: 'default published' },
        deprecated: { type: 'string', format: 'date-time', description: 'since when it is deprecated' },
        sunset: { type: 'string', format: 'date-time', description: 'when a deprecated version ends' },
        maxBytes: { type: 'integer', minimum: 1024, description: 'whole request; default 20971520' },
        maxAttachmentBytes: {
          type: 'integer',
          minimum: 1024,
          maximum: 1024 ** 3,
          description:
            'attachments, or an opaque body, that stream beside the document; default: the whole request is held',
        },
        limits: limits('messages and questions of each body that calls it; default: no limit'),
        senderPath: { ...text, description: 'local names from the payload root to the sender, a/b' },
        receiverPath: { ...text, description: 'local names from the payload root to the receiver, a/b' },
        businessKeys: {
          type: 'array',
          items: businessKey,
          minItems: 1,
          maxItems: 10,
          description: 'by which operators find its messages',
        },
        wsdl: { ...text, description: 'file, relative to this document' },
        openapi: { ...text, description: 'file, relative to this document' },
        xsd: { ...text, description: 'file, relative to this document; where there is no WSDL' },
        catalog: {
          type: 'object',
          additionalProperties: text,
          description: 'location or namespace published elsewhere -> file, relative to this document',
        },
        operations: { type: 'array', items: operation, minItems: 1 },
      },
      ['id', 'version', 'title'],
    ),
    agreement: {
      ...document(
        'agreement',
        {
          id,
          consumer: ipa,
          provider: ipa,
          service: id,
          version,
          operations: { type: 'array', items: id, minItems: 1, description: 'default: every operation' },
          status: { enum: ['requested', 'active', 'suspended', 'revoked'], description: 'default active' },
          intake: {
            enum: ['open', 'paused'],
            description: 'paused: nothing new is taken, what waits is delivered; default open',
          },
          validFrom: { type: 'string', format: 'date-time' },
          validUntil: { type: 'string', format: 'date-time' },
          subscribes: { type: 'boolean', description: 'events without a receiver come here too; default false' },
          expiresAfter: { type: 'integer', minimum: 1, description: 'seconds; default 432000, five days' },
          filtersDuplicates: { type: 'boolean', description: 'the sender must give a message id; default false' },
          ordered: { type: 'boolean', description: 'in order within a conversation; default false' },
          maxPriority: {
            ...priority,
            description: 'the highest that a sender may ask for; default: that of the operation',
          },
          receipts: { type: 'boolean', description: 'receipts are pushed to the sender; default true' },
          evidence: {
            enum: ['none', 'digest', 'full'],
            description: 'what is kept of an answered query; default digest',
          },
          strictEvidence: { type: 'boolean', description: 'it is durable before the answer is given; default false' },
          contentDays: days('contents are kept'),
          recordDays: days('records are kept at least'),
          businessKeys: {
            enum: ['clear', 'hashed', 'none'],
            description: 'how the business keys of its messages are kept; default clear',
          },
          maxBytes: { type: 'integer', minimum: 1, description: 'whole request; default: the limit of the service' },
          perMinute: { type: 'integer', minimum: 1, description: 'messages a minute; default: no limit' },
        },
        ['id', 'consumer', 'provider', 'service', 'version'],
      ),
      allOf: [when('evidence', 'none', { properties: { strictEvidence: false } })],
    },
    operator: {
      ...document(
        'operator',
        {
          id,
          name: text,
          role: { enum: ['platform', 'service-centre', 'participant', 'auditor'] },
          scope: { ...ipa, description: 'the participant acted for; an auditor without one sees every participant' },
          tokens: { type: 'array', items: closed({ id: tokenId, hash }, ['id', 'hash']), minItems: 1, maxItems: 2 },
          identity: { ...text, description: 'what the claim of CROCEVIA_OIDC_CLAIM says of it at the issuer' },
        },
        ['id', 'name', 'role'],
      ),
      allOf: [
        when('role', 'platform', { properties: { scope: false } }),
        when('role', 'service-centre', { required: ['scope'] }),
        when('role', 'participant', { required: ['scope'] }),
      ],
    },
    issuer,
  },
} as const;
