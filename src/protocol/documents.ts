import type { Documents, Examination, ExaminationOrder, OpenDocument } from '../message/document.js';
import type { DocumentTask } from './document-messages.js';
import { createDocumentPool, type DocumentPool, type PoolLimits } from './document-pool.js';
import { openJsonInThread } from './json/open.js';
import { XML_LIMITS } from './xml/limits.js';
import { isSwift } from './validation-cost.js';
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
 * Opens small documents in this thread and big ones in worker threads, which start with the first big one. Where nobody can
 * say that a published schema is swift to validate against, a worker with a deadline does it for small documents too.
 */
export function createDocuments(limits: DocumentLimits): Documents & { stop(): Promise<void> } {
  let pool: DocumentPool | null = null;
  const workers = (): DocumentPool => (pool ??= createDocumentPool(limits));
  const examined =
    (bytes: Buffer, here: ExamineHere, task: Omit<DocumentTask, 'port' | 'bytes' | 'limits'>): Examine =>
    async (order) => {
      if (order.schema === null || isSwift(order.schema, bytes.length)) return here(order);
      const apart = await workers().open({ ...task, bytes, limits });
      return apart.examine(order).finally(() => apart.close());
    };
  return {
    async openXml(bytes, charset) {
      const task = { format: 'xml', charset } as const;
      if (bytes.length > limits.inlineXmlBytes) return workers().open({ ...task, bytes, limits });
      const { facts, examine, close } = openXmlInThread(bytes, charset, limits);
      return { format: 'xml', xml: facts, json: undefined, examine: examined(bytes, examine, task), close };
    },
    async openJson(bytes) {
      const task = { format: 'json', charset: null } as const;
      if (bytes.length > limits.inlineJsonBytes) return workers().open({ ...task, bytes, limits });
      const { value, examine } = openJsonInThread(bytes, limits);
      return {
        format: 'json',
        xml: null,
        json: value,
        examine: examined(bytes, examine, task),
        close: () => undefined,
      };
    },
    async stop() {
      await pool?.stop();
      pool = null;
    },
  };
}

type Examine = OpenDocument['examine'];
type ExamineHere = (order: ExaminationOrder) => Examination;
