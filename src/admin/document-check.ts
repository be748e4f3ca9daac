import { readDocument } from '../registry/bundle/transfer-documents.js';
import { yamlText } from '../registry/bundle/transfer.js';
import type { Written } from '../registry/documents/documents.js';
import { putting } from '../registry/documents/edits.js';
import { RegistryError, type RegistryProblem } from '../registry/registry.js';
import { keyText, type DocumentKey } from '../registry/registry-store.js';
import { changedDocument } from './document-change.js';
import { requireLettingGo } from './held-back.js';
import type { ActingOperator } from './permissions.js';
import type { AdminParts } from './ports.js';

/** What stands against writing a text as a document, each with its line. Throws what writing it would, but for RegistryError. */
export async function checkText(key: DocumentKey, text: string, operator: ActingOperator, parts: AdminParts) {
  const unreadable: RegistryProblem[] = [];
  const written = readDocument(keyText(key), text, (problem) => void unreadable.push(problem));
  if (written === null || !isMembers(written.value))
    return answer(key, unreadable.length > 0 ? unreadable : [noDocument(key)], null);
  await requireLettingGo(key, written.value, operator, parts);
  return answer(key, await problemsOf(written, key, operator, parts), written.value);
}

const isMembers = (value: unknown): value is object =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

const noDocument = (key: DocumentKey): RegistryProblem => ({
  file: keyText(key),
  line: 1,
  message: 'holds no document',
  hint: 'write its members in YAML, each on a line: kind: participant',
});

type Sent = Pick<Written<unknown>, 'value' | 'line'>;

async function problemsOf(
  sent: Sent,
  key: DocumentKey,
  operator: ActingOperator,
  { desk }: AdminParts,
): Promise<readonly RegistryProblem[]> {
  try {
    const { problems } = await desk.tryOut((documents) => {
      const revision = documents.get(keyText(key))?.revision;
      const document = changedDocument(operator, documents, key, sent);
      const decision = putting(document, revision === undefined ? 'absent' : { revision })(documents);
      return { ...decision, edits: decision.edits.map((edit) => ({ ...edit, line: sent.line })) };
    });
    return problems;
  } catch (error) {
    if (error instanceof RegistryError) return error.problems;
    throw error;
  }
}

function answer(key: DocumentKey, problems: readonly RegistryProblem[], document: object | null) {
  return {
    problems: problems.map((one) => ({ ...one, line: one.file === keyText(key) ? one.line : null })),
    document,
    text: document && yamlText(document),
  };
}
