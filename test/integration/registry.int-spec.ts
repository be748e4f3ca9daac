import { verifySecret } from '../../src/registry/secret.js';
import { type Registry } from '../../src/registry/registry.js';
import { EXAMPLES, load, problemsOf, directoryWith, SERVICE, NOTA_XSD, BODIES } from './registry-files.js';

describe('an agreement that was revoked', () => {
  const registryWith = (status: string) =>
    directoryWith({
      'nota.xsd': NOTA_XSD,
      'all.yaml': `${BODIES}---
${SERVICE}---
kind: agreement
id: a-b
consumer: c_a
provider: c_b
service: Nota
version: 1
status: ${status}
`,
    });

  it('4: does not hold the provider to provide the service', async () => {
    expect(await problemsOf(await registryWith('suspended'))).toMatchObject([
      { message: 'no system of c_b provides Nota v1' },
    ]);
    expect((await load(await registryWith('revoked'))).agreement('c_a', 'c_b', 'Nota', 1)?.status).toBe('revoked');
  });
});

describe('the example registry', () => {
  it('2: says who takes part, what they offer and who may call whom', async () => {
    const registry = await load(EXAMPLES);
    expect(registry.participant('c_i804')).toEqual({
      id: 'c_i804',
      name: 'Comune di Sulmona',
      kind: 'municipality',
      parent: 'cst_aq',
    });
    expect(registry.systems().map(({ id }) => id)).toEqual([
      'sulmona.anagrafe',
      'pratola.anagrafe',
      'pratola.protocollo',
      'pratola.tributi',
      'regione.anagrafe',
    ]);
    expect(registry.versions('VariazioneAnagrafica')).toEqual([1]);
    expect(registry.versions('Altro')).toEqual([]);
    expect(registry.provider('c_h007', 'InoltroProtocollo', 1)?.id).toBe('pratola.protocollo');
    expect(registry.provider('c_h007', 'PraticaSuap', 1)).toBeUndefined();
    expect(registry.agreement('c_i804', 'c_h007', 'VariazioneAnagrafica', 1)).toMatchObject({
      status: 'active',
      operations: null,
      expiresAfter: 432_000,
      filtersDuplicates: false,
    });
    expect(registry.agreement('c_i804', 'c_h007', 'InoltroProtocollo', 1)).toMatchObject({
      operations: ['inoltroProtocollo'],
      filtersDuplicates: true,
    });
    const subscribers = registry.agreementsForEvent('c_i804', 'it.crocevia.anagrafe.variazione.v1');
    expect(subscribers.map(({ provider }) => provider).sort()).toEqual(['c_h007', 'r_abruzz']);
    expect(registry.agreementsForEvent('c_h007', 'it.crocevia.anagrafe.variazione.v1')).toEqual([]);
  });

  it('2: takes element, SOAPAction and answer of an operation from the WSDL', async () => {
    const [notice] = (await load(EXAMPLES)).service('VariazioneAnagrafica', 1)?.operations ?? [];
    expect(notice).toMatchObject({
      profile: 'one-way',
      soapAction: 'https://schemi.crocevia.example/anagrafe/1.0/notificaVariazione',
      element: { namespace: 'https://schemi.crocevia.example/anagrafe/1.0', name: 'notificaVariazioneAnagrafica' },
      acknowledged: true,
    });
    const [query] = (await load(EXAMPLES)).service('PosizioneTributaria', 1)?.operations ?? [];
    expect(query).toMatchObject({ profile: 'query', acknowledged: false });
  });

  it('5: knows the demo systems by their credentials', async () => {
    const registry = await load(EXAMPLES);
    const [known] = registry.credentials('api-key', 'sulmona');
    expect(known?.system.id).toBe('sulmona.anagrafe');
    expect(registry.credentials('basic', 'nobody')).toEqual([]);
    const secrets = ['sulmona', 'pratola', 'regione'].map(async (name) => {
      const credential = registry.credentials('api-key', name)[0]?.credential;
      return verifySecret(`demo-${name}-anagrafe`, credential?.kind === 'api-key' ? credential.hash : '');
    });
    expect(await Promise.all(secrets)).toEqual([true, true, true]);
  });

  it('2: reads env:NAME|fallback in addresses', async () => {
    const urlOf = (registry: Registry) => {
      const receives = registry.system('regione.anagrafe')?.receives;
      return receives && 'url' in receives ? receives.url : null;
    };
    expect(urlOf(await load(EXAMPLES))).toBe('http://127.0.0.1:8092/');
    expect(urlOf(await load(EXAMPLES, { REGIONE_URL: 'http://127.0.0.1:9999/x' }))).toBe('http://127.0.0.1:9999/x');
  });
});
