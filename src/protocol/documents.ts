import type { Documents, OpenDocument } from '../message/document.js';
import { createDocumentPool, type DocumentPool, type PoolLimits } from './document-pool.js';
import { openJsonInThread } from './json/open.js';
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

/** Opens small documents in this thread and big ones in worker threads, which start with the first big one. */
export function createDocuments(limits: DocumentLimits): Documents & { stop(): Promise<void> } {
  let pool: DocumentPool | null = null;
  const workers = (): DocumentPool => (pool ??= createDocumentPool(limits));
  return {
    async openXml(bytes, charset) {
      if (bytes.length > limits.inlineXmlBytes) return workers().open({ format: 'xml', bytes, charset, limits });
      return xmlInThread(bytes, charset, limits);
    },
    async openJson(bytes) {
      if (bytes.length > limits.inlineJsonBytes)
        return workers().open({ format: 'json', bytes, charset: null, limits });
      return jsonInThread(bytes, limits);
    },
    async stop() {
      await pool?.stop();
      pool = null;
    },
  };
}

function xmlInThread(bytes: Buffer, charset: string | null, limits: XmlLimits): OpenDocument {
  const { facts, examine, close } = openXmlInThread(bytes, charset, limits);
  return { format: 'xml', xml: facts, json: undefined, examine: async (order) => examine(order), close };
}

function jsonInThread(bytes: Buffer, limits: XmlLimits): OpenDocument {
  const { value, examine } = openJsonInThread(bytes, limits);
  return {
    format: 'json',
    xml: null,
    json: value,
    examine: async (order) => examine(order),
    close: () => undefined,
  };
}
