import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { OperatorDocument } from '../../src/registry/documents/document-types.js';
import { hashSecret } from '../../src/registry/secret.js';
import { ADMIN_TOKEN } from './gateway.js';

/** Bearer token of each operator of {@link writeOperators}, by its id, and of `platform`. */
export const TOKENS = {
  platform: ADMIN_TOKEN,
  region: 'region.secret-region',
  centre: 'centre.secret-centre',
  sulmona: 'sulmona-1.secret-sulmona-1',
  raiano: 'raiano.secret-raiano',
  auditor: 'auditor.secret-auditor',
  'auditor-raiano': 'auditor-raiano.secret-auditor-raiano',
} as const;
export const SULMONA_SECOND = 'sulmona-2.secret-sulmona-2';

export type OperatorName = keyof typeof TOKENS;

const operator = (id: OperatorName, role: OperatorDocument['role'], scope?: string, second?: string) => ({
  kind: 'operator',
  id,
  name: `Operator ${id}`,
  role,
  ...(scope && { scope }),
  tokens: [TOKENS[id], ...(second ? [second] : [])].map((token) => {
    const [name = '', secret = ''] = token.split('.');
    return { id: name, hash: hashSecret(secret) };
  }),
});

/** Writes operators into a registry of `writeRegistry`, all but one where it is named. */
export async function writeOperators(directory: string, except?: OperatorName): Promise<void> {
  const documents = [
    operator('region', 'service-centre', 'r_abruzz'),
    operator('centre', 'service-centre', 'c_h007'),
    operator('sulmona', 'participant', 'c_i804', SULMONA_SECOND),
    operator('raiano', 'participant', 'c_h166'),
    operator('auditor', 'auditor'),
    operator('auditor-raiano', 'auditor', 'c_h166'),
  ];
  await writeFile(
    join(directory, 'operators.yaml'),
    documents
      .filter(({ id }) => id !== except)
      .map((one) => stringify(one))
      .join('---\n'),
  );
}

export const bearer = (name: OperatorName) => ({ authorization: `Bearer ${TOKENS[name]}` });
