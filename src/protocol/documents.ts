import type { Documents, Examination, ExaminationOrder, OpenDocument } from '../message/document.js';
import type { DocumentTask } from './document-messages.js';
import { createDocumentPool, type DocumentPool, type PoolLimits } from './document-pool.js';
import { openJsonInThread } from './json/open.js';
import { SchemaCost } from './schema-cost.js';
import { XML_LIMITS } from './xml/limits.js';
import { openXmlInThread } from './xml/open.js';
import type { XmlLimits } from './xml/survey.js';

/** What one document may cost. `maxDepth` and `maxNodes` bound XML and JSON alike. */
export interface DocumentLimits extends XmlLimits, PoolLimits {
  /** Bytes up to which a document is read in the calling thread. */
  readonly inlineXmlBytes: number;
  readonly inlineJsonBytes: number;
}

export const DEFAULT_LIMITS: DocumentLimits = {
  ...XML_LIMITS,
  inlineXmlBytes: 16_384,
  inlineJsonBytes: 65_536,
  workers: 2,
  maxQueue: 64,
  openDeadlineMs: 2_000,
  validateDeadlineMs: 1_000,
};

/**
 * Opens small documents in this thread and big ones in worker threads, which start with the first document that needs one. A
 * small document goes there too for a schema that is new or has taken long.
 */
export function createDocuments(limits: DocumentLimits): Documents & { stop(): Promise<void> } {
  let pool: DocumentPool | null = null;
  const workers = (): DocumentPool => (pool ??= createDocumentPool(limits));
  const cost = new SchemaCost();
  const away = (task: Task) => workers().open({ ...task, limits });
  return {
    async openXml(bytes, charset) {
      const task = { format: 'xml', bytes, charset } as const;
      if (bytes.length > limits.inlineXmlBytes) return away(task);
      const { facts, examine, close } = openXmlInThread(bytes, charset, limits);
      return { format: 'xml', xml: facts, json: undefined, examine: placed(examine, () => away(task), cost), close };
    },
    async openJson(bytes) {
      const task = { format: 'json', bytes, charset: null } as const;
      if (bytes.length > limits.inlineJsonBytes) return away(task);
      const { value, examine } = openJsonInThread(bytes, limits);
      const close = () => undefined;
      return { format: 'json', xml: null, json: value, examine: placed(examine, () => away(task), cost), close };
    },
    async stop() {
      await pool?.stop();
      pool = null;
    },
  };
}

type Task = Omit<DocumentTask, 'port' | 'limits'>;

/** Examines in this thread where that holds nobody up, else in a worker, which reads the document again. */
function placed(
  examine: (order: ExaminationOrder) => Examination,
  away: () => Promise<OpenDocument>,
  cost: SchemaCost,
): OpenDocument['examine'] {
  return async (order) => {
    const { schema } = order;
    if (schema === null) return examine(order);
    if (cost.isCheap(schema)) return cost.measure(schema, () => examine(order));
    const document = await away();
    try {
      return await cost.measure(schema, () => document.examine(order));
    } finally {
      document.close();
    }
  };
}
