import { PURPOSES, VERDICTS } from '../delivery/connectivity.js';
import { OUTCOMES, STAGES } from '../delivery/probe.js';
import { FAULTS } from '../message/fault-catalogue.js';
import { closed, integer, listOf, orNull, ref, string, time, uuid } from './schema-parts.js';

const among = (values: readonly string[]) => ({ type: 'string', enum: values });

/** Of systems, and of messages that are sent to try them. */
export const SYSTEM_SCHEMAS = {
  ExampleBody: closed({
    operation: string,
    method: orNull(string),
    path: { ...orNull(string), description: 'over REST, below the service' },
    body: { ...orNull(string), description: 'null: the operation publishes no JSON Schema' },
  }),
  Directory: closed({
    items: listOf(
      closed({
        service: string,
        version: integer,
        title: string,
        provider: { ...string, description: 'IPA code' },
        name: string,
        isAsked: { type: 'boolean', description: 'true: it takes questions only, no messages' },
      }),
    ),
    isWhole: { type: 'boolean' },
  }),
  NewApiKey: closed({
    system: string,
    id: string,
    key: { ...string, description: 'the value of X-API-Key; it is shown this once' },
  }),
  TestMessage: closed({
    id: { ...orNull(uuid), description: 'of the gateway; null: nothing was stored' },
    status: { ...orNull(integer), description: 'HTTP status that its sender would have been answered' },
    answer: { ...string, description: 'empty where another body has answered: a test is no way to its data' },
    faults: { ...listOf(ref('Fault')), description: 'what stands against it; it was not sent then' },
  }),
  Connectivity: closed({
    system: string,
    at: time,
    verdict: { ...among(VERDICTS), description: '`untested`: nothing to call, and nothing was fetched yet' },
    addresses: listOf(
      closed({
        purpose: among(PURPOSES),
        target: { ...string, description: 'without its query' },
        stages: {
          ...listOf(
            closed({
              stage: among(STAGES),
              outcome: {
                ...among(OUTCOMES),
                description: '`doubtful`: it answers, not as a place that takes messages',
              },
              ms: integer,
              detail: string,
              code: { ...orNull({ type: 'string', enum: Object.keys(FAULTS) }), description: 'of a stage that failed' },
              status: { ...orNull(integer), description: 'HTTP status of the answer' },
              certificates: {
                ...listOf(ref('CertificateFacts')),
                description: 'that it showed in TLS, trusted (`ok`) or not (`failed`), its own first; empty elsewhere',
              },
            }),
          ),
          description: 'in the order of the way; none after one that failed',
        },
      }),
    ),
    pickUp: {
      anyOf: [
        closed({
          channel: among(['box', 'amqp-queue']),
          waiting: { ...integer, description: '10,000 at most are counted' },
          lastTakenAt: { ...orNull(time), description: 'of its newest deliveries; null: never' },
        }),
        { type: 'null' },
      ],
      description: 'of a system that fetches',
    },
  }),
};
