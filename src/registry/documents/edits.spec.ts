import type { ServiceDocument } from './document-types.js';
import { moving } from './edits.js';
import { keyOf, keyText, type StoredDocument } from '../registry-store.js';

const NOW = new Date('2026-11-26T10:00:00Z');

function moved(document: Partial<ServiceDocument>, to: 'published' | 'deprecated' | 'retired', sunset: string | null) {
  const before: ServiceDocument = { kind: 'service', id: 'Nota', version: 1, title: 'Nota', ...document };
  const key = keyOf(before);
  const stored = { key, document: before, files: {}, applied: null } as unknown as StoredDocument;
  const { edits } = moving(key, to, { now: NOW, sunset })(new Map([[keyText(key), stored]]));
  return edits[0]?.after?.document;
}

const ANNOUNCED = {
  status: 'deprecated',
  deprecated: '2026-01-01T00:00:00.000Z',
  sunset: '2027-01-01T00:00:00.000Z',
} as const;

describe('a step of a service version', () => {
  it('3: deprecated again it keeps since when, and its end unless another is given', () => {
    expect(moved({}, 'deprecated', null)).toMatchObject({ status: 'deprecated', deprecated: NOW.toISOString() });
    expect(moved(ANNOUNCED, 'deprecated', null)).toMatchObject(ANNOUNCED);
    const later = '2028-01-01T00:00:00.000Z';
    expect(moved(ANNOUNCED, 'deprecated', later)).toMatchObject({ ...ANNOUNCED, sunset: later });
    expect(moved(ANNOUNCED, 'retired', null)).toMatchObject({ ...ANNOUNCED, status: 'retired' });
  });

  it('3: a draft is not deprecated, and publishing takes no deprecation back', () => {
    const problems = (message: string) => expect.objectContaining({ problems: [expect.objectContaining({ message })] });
    expect(() => moved({ status: 'draft' }, 'deprecated', null)).toThrow(
      problems('a draft has no callers to announce its end to') as Error,
    );
    expect(() => moved(ANNOUNCED, 'published', null)).toThrow(
      problems('it is deprecated: its end was announced to its callers') as Error,
    );
    expect(moved({ status: 'draft' }, 'published', null)).toMatchObject({ status: 'published' });
  });
});
