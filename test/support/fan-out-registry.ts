import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RegistryDocument } from '../../src/registry/documents/document-types.js';

/** How a provider below a centre stands to the region, which asks. */
export interface Provider {
  readonly id: string;
  /** False: its system has no endpoint. */
  readonly answers?: boolean;
  /** Null: there is none. */
  readonly agreement?: object | null;
}

/** Service centres with providers of Residenti below them, each answering at `{url}/{its code}`. */
export async function writeCentres(
  directory: string,
  url: string,
  centres: Readonly<Record<string, readonly Provider[]>>,
): Promise<void> {
  const documents = Object.entries(centres).flatMap(([centre, providers]) => [
    { kind: 'participant', id: centre, name: centre, type: 'service-centre', parent: 'r_abruzz' },
    ...providers.flatMap((one) => documentsOf(one, centre, url)),
  ]);
  await writeFile(join(directory, 'centres.yaml'), documents.map((one) => stringify(one)).join('---\n'));
}

function documentsOf({ id, answers = true, agreement = {} }: Provider, centre: string, url: string): readonly object[] {
  const endpoint = { protocol: 'rest', url: `${url}/${id}`, timeoutMs: 60_000 } as const;
  const body = { kind: 'participant', id, name: id, type: 'municipality', parent: centre } as const;
  const documents: RegistryDocument[] = [
    {
      kind: 'system',
      id: `${id}.residenti`,
      participant: id,
      credentials: [],
      provides: [{ service: 'Residenti', version: 1, ...(answers && { endpoint }) }],
      ...(!answers && { receives: { channel: 'box' } }),
    },
    ...(agreement === null ? [] : [agreementWith(id, agreement)]),
  ];
  return id === centre ? documents : [body, ...documents];
}

const agreementWith = (provider: string, more: object): RegistryDocument => ({
  kind: 'agreement',
  id: `regione-${provider}`,
  consumer: 'r_abruzz',
  provider,
  service: 'Residenti',
  version: 1,
  ...more,
});
