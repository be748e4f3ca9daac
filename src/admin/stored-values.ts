import type { PortableDocument } from '../registry/documents/portable.js';
import { RegistryError } from '../registry/registry.js';
import { keyOf, keyText, type Documents } from '../registry/registry-store.js';
import { unmaskedDocument } from '../secrets/masked-documents.js';

/** Documents of an archive with the stored values in place of those that an export leaves out. Throws RegistryError where there are none. */
export function withStoredValues(
  inputs: readonly PortableDocument[],
  documents: Documents,
): readonly PortableDocument[] {
  const filled = inputs.map((input) => {
    const key = keyText(keyOf(input.document));
    const { document, missing } = unmaskedDocument(input.document, documents.get(key)?.document);
    const problems = missing.map((member) => ({
      file: key,
      line: 1,
      message: `${member} is left out of the archive, and there is no stored value for that address`,
      hint: 'write the value, or env:NAME',
    }));
    return { input: { ...input, document }, problems };
  });
  const problems = filled.flatMap((one) => one.problems);
  if (problems.length > 0) throw new RegistryError(problems);
  return filled.map((one) => one.input);
}
