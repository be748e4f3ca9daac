import type { RegistryDocument } from './document-types.js';
import { planOf, planOfDirectory } from './plan.js';
import { keyText, type Decision, type StoredDocument } from '../registry-store.js';

const participant = (id: string, name: string): RegistryDocument => ({ kind: 'participant', id, name, type: 'agency' });
const service = (text: string) => ({
  document: { kind: 'service', id: 'S', version: 2, title: 'S', xsd: 'a.xsd' } as RegistryDocument,
  files: new Map([['a.xsd', Buffer.from(text)]]),
});
const input = (document: RegistryDocument) => ({ document, files: new Map<string, Buffer>() });

/** The documents after the edits, as the store would hold them. */
function applied(before: ReadonlyMap<string, StoredDocument>, { edits }: Decision): Map<string, StoredDocument> {
  const after = new Map(before);
  for (const { key, after: content, applied: mark } of edits) {
    const stored = { changedAt: new Date(0), changedBy: '', revision: 1 };
    if (content) after.set(keyText(key), { key, ...content, applied: mark, ...stored });
    else after.delete(keyText(key));
  }
  return after;
}
const names = ({ edits }: Decision) => edits.map(({ key, after }) => `${after ? '+' : '-'} ${keyText(key)}`);

describe('a plan', () => {
  const inputs = [input(participant('a', 'A')), input(participant('b', 'B')), service('one')];

  it('5: names what is new, what changes and what goes, and is empty once it was applied', () => {
    const first = planOf(new Map(), inputs, 'none');
    expect([names(first), first.files.size]).toEqual([['+ participant a', '+ participant b', '+ service S v2'], 1]);
    const stored = applied(new Map(), first);
    expect(planOf(stored, inputs, 'all').edits).toEqual([]);
    const second = planOf(stored, [input(participant('a', 'Anew')), service('two')], 'all');
    expect(names(second)).toEqual(['+ participant a', '+ service S v2', '- participant b']);
    expect(names(planOf(stored, [service('one')], 'none'))).toEqual([]);
  });

  it('5: a directory leaves alone what its files did not change, and takes away only what it laid down', () => {
    const stored = applied(new Map(), planOfDirectory(new Map(), inputs));
    expect(planOfDirectory(stored, inputs).edits).toEqual([]);
    const byHand = applied(
      stored,
      planOf(stored, [input(participant('a', 'Renamed')), input(participant('c', 'C'))], 'none'),
    );
    expect(planOfDirectory(byHand, inputs).edits).toEqual([]);
    const changed = [input(participant('a', 'A2')), service('one')];
    expect(names(planOfDirectory(byHand, changed))).toEqual(['+ participant a', '- participant b']);
  });
});
