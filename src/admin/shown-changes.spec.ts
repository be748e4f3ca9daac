import type { RegistryDocument } from '../registry/documents/document-types.js';
import { keyOf, type Change } from '../registry/registry-store.js';
import { isVisible, readableSides } from './shown-changes.js';

const body = (id: string): RegistryDocument => ({ kind: 'participant', id, name: id, type: 'municipality' });
const mayRead = (document: RegistryDocument) => document.kind === 'participant' && document.id === 'own';
const side = (id: string | null) => (id === null ? null : { document: body(id), files: {} });
const change = (before: string | null, after: string | null): Change => ({
  ...{ seq: 1, revision: 1, at: new Date(0), by: 'platform', reason: null, key: keyOf(body('own')) },
  ...{ before: side(before), after: side(after) },
});

describe('a change of the registry as an operator with a scope sees it', () => {
  it.each([
    [null, 'own', 'create', null, 'own', true],
    ['own', 'other', 'update', 'own', null, true],
    ['other', 'own', 'update', null, 'own', true],
    ['other', null, 'delete', null, null, false],
    [null, 'other', 'create', null, null, false],
  ] as const)('4: from %s to %s', (before, after, action, was, is, isSeen) => {
    const made = change(before, after);
    expect(readableSides(made, mayRead)).toEqual({ action, before: side(was), after: side(is) });
    expect(isVisible(made, mayRead)).toBe(isSeen);
  });
});
