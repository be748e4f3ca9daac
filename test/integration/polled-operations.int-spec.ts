import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { compareServices } from '../../src/compatibility/compare-services.js';
import type { OperationDocument } from '../../src/registry/documents/document-types.js';
import { createFileRegistry } from '../../src/registry/file-registry.js';
import type { Operation, Service } from '../../src/registry/model.js';
import { RegistryError } from '../../src/registry/registry.js';
import { corpus } from '../support/corpus.js';
import { CERTIFICATI, CERTIFICATI_NS } from '../support/polling-registry.js';

const directories: string[] = [];
afterAll(() => Promise.all(directories.map((directory) => rm(directory, { recursive: true }))));

const REQUEST = { name: 'CertificatoRequest', profile: 'async-polled' } as const;
const NAMED = { ...REQUEST, status: 'CertificatoProcessingStatus', result: 'CertificatoResponse' };

type Edit = (wsdl: string) => string;
const asItIs: Edit = (wsdl) => wsdl;

async function load(operations: readonly object[] | undefined, edit = asItIs, from = CERTIFICATI): Promise<Service> {
  const directory = await mkdtemp(join(tmpdir(), 'crocevia-registry-'));
  directories.push(directory);
  const document = { kind: 'service', id: 'Prova', version: 1, title: 'Prova', wsdl: 'Prova.wsdl', operations };
  await writeFile(join(directory, 'Prova.wsdl'), edit(await readFile(from, 'utf8')));
  await writeFile(join(directory, 'service.yaml'), stringify(document));
  return (await createFileRegistry({ directory, env: {} }).reload()).service('Prova', 1) as Service;
}

async function problemsOf(operations: readonly object[], edit?: Edit) {
  const error: unknown = await load(operations, edit).catch((thrown: unknown) => thrown);
  if (!(error instanceof RegistryError)) throw new Error('the registry was loaded', { cause: error });
  return error.problems;
}

const named = ({ operations }: Service, name: string) => operations.find((one) => one.name === name) as Operation;
const element = (name: string) => ({ namespace: CERTIFICATI_NS, name });

describe('operations that are polled over SOAP', () => {
  it.each<[string, readonly OperationDocument[]]>([
    ['by the names of ModI', [REQUEST]],
    ['by the names in the service document', [NAMED]],
    ['with all three listed', [NAMED, { name: NAMED.status }, { name: NAMED.result, safe: true }]],
  ])('4: are told apart %s', async (_how, operations) => {
    const service = await load(operations);
    expect(service.operations).toHaveLength(3);
    expect(named(service, REQUEST.name)).toMatchObject({
      profile: 'async-polled',
      output: element('CertificatoResponseResponse'),
      acceptedAs: element('CertificatoRequestResponse'),
      promised: false,
      follows: null,
    });
    for (const [name, asks] of [[NAMED.status, 'status'] as const, [NAMED.result, 'result'] as const])
      expect(named(service, name)).toMatchObject({ profile: 'query', follows: { operation: REQUEST.name, asks } });
  });

  it.each<[string, readonly OperationDocument[] | undefined]>([
    ['nothing is said', undefined],
    ['another profile is given', [{ name: NAMED.status, profile: 'query' }, REQUEST]],
    ['nothing is polled', [{ ...REQUEST, profile: 'async-receipt' }, { name: NAMED.status }, { name: NAMED.result }]],
  ])('4: are the provider’s where %s', async (_what, operations) => {
    expect((await load(operations)).operations.map(({ follows }) => follows)).not.toContainEqual(expect.anything());
  });

  it('4: a request that the gateway acknowledges, or that has no output, has no status to tell', async () => {
    const silent = await load([NAMED], (wsdl) => wsdl.replace('<wsdl:output message="c:accolto"/>', ''));
    expect(named(silent, REQUEST.name)).toMatchObject({ acceptedAs: null, acknowledged: false });
    const gateway = 'https://schemi.crocevia.example/gateway/1.0';
    const schema = `<xs:schema targetNamespace="${gateway}"><xs:element name="presaInCarico" type="xs:string"/></xs:schema>`;
    const taken = await load([NAMED], (wsdl) =>
      wsdl
        .replace('element="c:CertificatoRequestResponse"', `xmlns:g="${gateway}" element="g:presaInCarico"`)
        .replace('<wsdl:types>', `<wsdl:types>${schema}`),
    );
    expect(named(taken, REQUEST.name)).toMatchObject({ acceptedAs: null, acknowledged: true, promised: false });
  });

  const stato: Edit = (wsdl) => wsdl.replace('element name="status"', 'element name="stato"');
  const enumerated: Edit = (wsdl) => wsdl.replace('"accepted"', '"accolto"');
  const noDone: Edit = (wsdl) => wsdl.replace('<xs:enumeration value="done"/>', '');
  const more: Edit = (wsdl) => wsdl.replace('<xs:element name="return">', '<xs:element name="esito" type="xs:int"/>$&');
  const noOutput: Edit = (wsdl) => wsdl.replace('<wsdl:output message="c:ritiroRisposta"/>', '');
  const noStatus: Edit = (wsdl) => wsdl.replace('<wsdl:output message="c:statoRisposta"/>', '');

  it.each<[string, object, Edit, RegExp, number]>([
    ['an operation that is not there', { ...NAMED, status: 'Stato' }, asItIs, /^the WSDL has no operation Stato$/, 9],
    ['one for both', { ...NAMED, result: NAMED.status }, asItIs, /^CertificatoProcessingStatus has another part/, 10],
    ['itself', { ...NAMED, status: REQUEST.name }, asItIs, /^CertificatoRequest has another part already$/, 9],
    ['another profile', { ...NAMED, profile: 'query' }, asItIs, /^CertificatoRequest is not polled$/, 9],
    ['a status without a result', { ...REQUEST, status: NAMED.status }, asItIs, /must have property.* result/, 7],
    [
      'an answer too',
      { ...NAMED, answer: { element: element('CertificatoResponseResponse') } },
      asItIs,
      /^CertificatoRequest has an answer/,
      10,
    ],
    [
      'a status without output',
      NAMED,
      noStatus,
      /^the answer of CertificatoProcessingStatus cannot tell.*: it has no output$/,
      9,
    ],
    ['a result without output', NAMED, noOutput, /^CertificatoResponse has no output$/, 10],
    [
      'a status that has more to say',
      NAMED,
      more,
      /^the answer of CertificatoProcessingStatus cannot tell.* alone\.$/,
      9,
    ],
    ['a status without a status', NAMED, stato, /^the answer of CertificatoProcessingStatus cannot tell.* alone\.$/, 9],
    [
      'a word that the schema forbids',
      NAMED,
      noDone,
      /^the answer of CertificatoProcessingStatus cannot tell.*done/,
      9,
    ],
    [
      'an acceptance that the schema forbids',
      NAMED,
      enumerated,
      /^the answer of CertificatoRequest cannot tell accepted/,
      7,
    ],
    ['by their names too', REQUEST, noDone, /^the answer of CertificatoProcessingStatus cannot tell/, 7],
  ])('4: refuses %s, with its line and a hint', async (_what, operation, edit, message, line) => {
    expect(await problemsOf([operation], edit)).toContainEqual({
      file: 'service.yaml',
      line,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/./),
    });
  });

  it('4: refuses a profile for what the gateway answers, and one status for two operations', async () => {
    const problems = await problemsOf([NAMED, { name: NAMED.status, profile: 'query' }, { ...NAMED, name: 'Altro' }]);
    expect(problems.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        'CertificatoProcessingStatus is answered by the gateway',
        'CertificatoProcessingStatus has another part already',
      ]),
    );
  });

  it('4: a version that is polled where the provider was asked breaks those who keep to it', async () => {
    const [asked, polled] = [await load(undefined), await load([REQUEST])];
    expect(compareServices(asked, polled)).toMatchObject([
      { kind: 'changed', breaking: true, operation: REQUEST.name, place: 'profile' },
    ]);
    expect(compareServices(polled, await load([NAMED]))).toEqual([]);
  });

  const sets = corpus('schemas');
  (sets === null ? it.skip : it)('4: takes the example of ModI as it is published', async () => {
    const wsdl = join(sets ?? '', 'modi-soap-patterns/NONBLOCK_PULL_example.wsdl');
    const service = await load([{ name: 'MRequest', profile: 'async-polled' }], asItIs, wsdl);
    expect(named(service, 'MProcessingStatus').follows).toEqual({ operation: 'MRequest', asks: 'status' });
    expect(named(service, 'MRequest')).toMatchObject({
      output: { name: 'MResponseResponse' },
      acceptedAs: { name: 'MRequestResponse' },
    });
  });
});
