import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashSecret } from '../src/registry/secret.js';
import { XSD } from './message.js';

export const BENCH_API_KEY = 'bench.secret-of-the-bench';

/** A registry with one sender, one receiver and the service of the bench. Returns its directory. */
export async function writeBenchRegistry(receiverUrl: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-bench-'));
  await writeFile(join(directory, 'bench.xsd'), XSD);
  await writeFile(join(directory, 'registry.yaml'), documents(receiverUrl));
  return directory;
}

const documents = (receiverUrl: string) => `kind: participant
id: r_abruzz
name: Regione Abruzzo
type: region
---
kind: participant
id: c_i804
name: Comune di Sulmona
type: municipality
parent: r_abruzz
---
kind: system
id: sulmona.bench
participant: c_i804
credentials:
  - { kind: api-key, id: bench, hash: '${hashSecret('secret-of-the-bench')}' }
---
kind: system
id: regione.bench
participant: r_abruzz
credentials: []
provides: [{ service: Bench, version: 1 }]
receives: { channel: push-soap, shape: original, url: '${receiverUrl}', concurrency: 64 }
---
kind: service
id: Bench
version: 1
title: Bench
xsd: bench.xsd
operations:
  - { name: notifica, profile: one-way, soapAction: 'urn:crocevia:bench:notifica', element: { namespace: 'urn:crocevia:bench', name: notifica } }
---
kind: agreement
id: bench
consumer: c_i804
provider: r_abruzz
service: Bench
version: 1
`;
