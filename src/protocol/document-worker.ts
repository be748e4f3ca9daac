import type { MessagePort } from 'node:worker_threads';
import type { Examination, SchemaBundle, XmlFacts } from '../message/document.js';
import { Fault } from '../message/fault.js';
import type { DocumentTask, FromWorker, ToWorker, WorkerOrder } from './document-messages.js';
import { openJsonInThread } from './json/open.js';
import { outlineOf } from './json/outline.js';
import { hasJsonSchema, jsonSchemaOf } from './json/schema.js';
import { openXmlInThread } from './xml/open.js';
import type { Observer } from './xml/examine.js';
import { hasXsd, xsdOf } from './xml/schemas.js';

type FullOrder = Omit<WorkerOrder, 'schema'> & { readonly schema: SchemaBundle | null };

interface Held {
  readonly xml: XmlFacts | null;
  readonly json: unknown;
  examine(order: FullOrder, observer: Observer): Examination;
  close(): void;
}

/** One document in a worker thread: opens it, waits for the order over the port, examines, ends. Never throws. */
export default async function holdDocument(task: DocumentTask): Promise<void> {
  const say = (message: FromWorker) => task.port.postMessage(message);
  try {
    say({ kind: 'started' });
    const held = open(task);
    try {
      say({ kind: 'opened', xml: held.xml, json: held.json });
      await examine(held, task.port, say);
    } finally {
      held.close();
    }
  } catch (error) {
    say(refusal(error));
  }
}

function open({ format, bytes, charset, limits }: DocumentTask): Held {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (format === 'xml') {
    const { facts, ...document } = openXmlInThread(buffer, charset, limits);
    return { xml: facts, json: undefined, ...document };
  }
  const { value, examine } = openJsonInThread(buffer, limits);
  return { xml: null, json: outlineOf(value), examine, close: () => undefined };
}

async function examine(held: Held, port: MessagePort, say: (message: FromWorker) => void): Promise<void> {
  const asked = await next(port);
  if (asked?.kind !== 'examine') return;
  const { schema, ...order } = asked.order;
  const bundle = schema && (await bundleFor(schema, port, say));
  if (schema && !bundle) return;
  say({ kind: 'validating' });
  const observer: Observer = {
    violation: (violation) => say({ kind: 'violation', violation }),
    overflow: () => say({ kind: 'overflow' }),
  };
  const examination = held.examine({ ...order, schema: bundle }, observer);
  say({ kind: 'examined', examination });
}

/** The bundle, compiled in this thread; one that is there already needs no documents. */
async function bundleFor(
  { key, kind }: NonNullable<WorkerOrder['schema']>,
  port: MessagePort,
  say: (message: FromWorker) => void,
): Promise<SchemaBundle | null> {
  if (kind === 'xsd' ? hasXsd(key) : hasJsonSchema(key)) return { key, kind, entry: '', documents: {} };
  const answer = next(port);
  say({ kind: 'schema-wanted' });
  const given = await answer;
  if (given?.kind !== 'schema') return null;
  if (kind === 'xsd') xsdOf(given.bundle);
  else jsonSchemaOf(given.bundle);
  return given.bundle;
}

/** The next message; null once the other side has closed the port. */
function next(port: MessagePort): Promise<ToWorker | null> {
  return new Promise((resolve) => {
    const closed = () => resolve(null);
    port.once('close', closed);
    port.once('message', (message: ToWorker) => {
      port.off('close', closed);
      resolve(message);
    });
  });
}

function refusal(error: unknown): FromWorker {
  if (!(error instanceof Fault))
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  return { kind: 'fault', code: error.code, info: { ...error.info, cause: undefined } };
}
