import type { ServiceDocument } from './documents/document-types.js';
import type { ServiceStatus } from './model.js';
import { forbiddenChange } from './lifecycle.js';

const content = (
  status: ServiceStatus | null,
  more: Partial<ServiceDocument> = {},
  files: Record<string, string> = {},
) => ({
  document: { kind: 'service', id: 'S', version: 1, title: 'S', ...(status && { status }), ...more } as const,
  files: { 'a.xsd': 'one', ...files },
});

describe('the life of a service version', () => {
  it.each([
    ['draft', 'published', true],
    ['draft', 'deprecated', false],
    ['published', 'draft', false],
    ['published', 'deprecated', true],
    ['published', 'retired', true],
    ['deprecated', 'published', true],
    ['deprecated', 'retired', true],
    ['retired', 'published', false],
    ['retired', 'draft', false],
  ] as const)('3: from %s to %s: %s', (from, to, allowed) => {
    expect(forbiddenChange(content(from), content(to)) === null).toBe(from === 'draft' || allowed);
  });

  it('3: a published interface cannot change, its title and limits can', () => {
    const before = content(null);
    expect(forbiddenChange(before, content('published', { title: 'T', maxBytes: 5_000 }))).toBeNull();
    for (const after of [
      content('published', {}, { 'a.xsd': 'two' }),
      content('published', {}, { 'b.xsd': 'new' }),
      content('published', { operations: [{ name: 'x' }] }),
      content('deprecated', { wsdl: 'a.wsdl' }),
    ])
      expect(forbiddenChange(before, after)).toMatchObject({ message: expect.stringContaining('cannot change') });
    expect(forbiddenChange(content('draft'), content('draft', {}, { 'a.xsd': 'two' }))).toBeNull();
  });
});
