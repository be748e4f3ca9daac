import type { Examination, ExaminationOrder, XmlFacts } from '../../message/document.js';
import { envelopeParts, payloadElement } from './envelope.js';
import { examineXml, type Observer } from './examine.js';
import { xmlFacts } from './facts.js';
import { freeDocument } from './libxml.js';
import { parseXml } from './parse.js';
import { xsdOf } from './schemas.js';
import { SourcePlaces } from './source-places.js';
import type { XmlLimits } from './survey.js';

/** A document parsed in this thread. `examine` may be called once, `close` must be called once. */
export interface XmlInThread {
  readonly facts: XmlFacts;
  examine(order: ExaminationOrder, observer?: Observer): Examination;
  close(): void;
}

/** Throws the faults of reading, and envelope-malformed. */
export function openXmlInThread(bytes: Buffer, charset: string | null, limits: XmlLimits): XmlInThread {
  const { document, root, utf8, startTags } = parseXml(bytes, charset, limits);
  let open = true;
  const close = () => {
    if (open) freeDocument(document);
    open = false;
  };
  try {
    const parts = envelopeParts(root);
    const places = new SourcePlaces(root, utf8, startTags);
    return {
      facts: xmlFacts(root, parts),
      examine: (order, observer) =>
        examineXml(payloadElement(root, parts), places, order, order.schema && xsdOf(order.schema), observer),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
