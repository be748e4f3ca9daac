import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import { RegistryError, type Registry, type RegistryProblem } from '../../src/registry/registry.js';

export const EXAMPLES = 'examples/registry';
export const load = (directory: string, env = {}): Promise<Registry> => createFileRegistry({ directory, env }).reload();

export async function problemsOf(directory: string): Promise<readonly RegistryProblem[]> {
  const error: unknown = await load(directory).catch((thrown: unknown) => thrown);
  if (!(error instanceof RegistryError)) throw new Error('the registry was loaded', { cause: error });
  return error.problems;
}

export const directories: string[] = [];
export async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  directories.push(directory);
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return directory;
}
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

export const SERVICE = `kind: service
id: Nota
version: 1
title: Nota
xsd: nota.xsd
operations: [{ name: nota, profile: one-way, element: { namespace: 'urn:nota', name: nota }, eventType: it.nota }]
`;
export const xsd = (body: string) =>
  `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:n="urn:nota" targetNamespace="urn:nota">${body}</xs:schema>`;
export const NOTA_XSD = xsd('<xs:element name="nota" type="xs:string"/>');
export const BODIES = `kind: participant
id: c_a
name: A
type: municipality
---
kind: participant
id: c_b
name: B
type: municipality
`;
export const MORE = `kind: participant
id: c_c
name: C
type: municipality
`;
