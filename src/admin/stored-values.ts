import type { RegistryDocument } from '../registry/documents/document-types.js';
import type { PortableDocument } from '../registry/documents/portable.js';
import { RegistryError, type RegistryProblem } from '../registry/registry.js';
import { keyOf, keyText, type Documents } from '../registry/registry-store.js';
import { unmaskedDocument } from '../secrets/masked-documents.js';

type Line = (path: readonly (string | number)[]) => number;

/** Documents of an archive with the stored values in place of those that an export leaves out. Throws RegistryError where there are none. */
export function withStoredValues(
  inputs: readonly PortableDocument[],
  documents: Documents,
): readonly PortableDocument[] {
  const filled = inputs.map((input) => ({
    input,
    ...filledFrom(input.document, documents.get(keyText(keyOf(input.document)))?.document, () => 1),
  }));
  const problems = filled.flatMap((one) => one.problems);
  if (problems.length > 0) throw new RegistryError(problems);
  return filled.map(({ input, document }) => ({ ...input, document }));
}

/** A document as it was shown, with the values that were hidden. Throws RegistryError where there are none. */
export function withHiddenValues(
  sent: RegistryDocument,
  before: RegistryDocument | undefined,
  line: Line,
): RegistryDocument {
  const { document, problems } = filledFrom(sent, before, line);
  if (problems.length > 0) throw new RegistryError(problems);
  return document;
}

function filledFrom(sent: RegistryDocument, before: RegistryDocument | undefined, line: Line) {
  const { document, missing } = unmaskedDocument(sent, before);
  const problems = missing.map((member): RegistryProblem => ({
    file: keyText(keyOf(sent)),
    line: line(member.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))),
    message: `${member} is left out, and there is no stored value for that address`,
    hint: 'write the value, or env:NAME',
  }));
  return { document, problems };
}
