import type { Decoded } from '../message/stages.js';
import { resolve } from './resolve.js';
import {
  NS,
  operation,
  service,
  agreement,
  registryWith,
  registryOver,
  decoded,
  soap,
  event,
} from '../../test/support/policy-parts.js';

describe('resolve', () => {
  const registry = registryWith(agreement('alfa'), agreement('beta'));

  it.each([
    ['SOAPAction', { soapAction: `${NS}/nascita` }],
    ['action parameter', { actionParameter: `${NS}/nascita` }],
    ['wsa:Action', { wsaAction: `${NS}/nascita` }],
    ['body element', { element: { namespace: NS, name: 'nascita' } }],
    ['an empty SOAPAction and the element', { soapAction: '', element: { namespace: NS, name: 'nascita' } }],
  ])('4: finds the operation by %s', (_name, hints) => {
    expect(resolve(soap(hints), registry).operation.name).toBe('nascita');
  });

  it.each([
    ['operation-ambiguous', { soapAction: `${NS}/nascita`, wsaAction: `${NS}/decesso` }],
    ['operation-ambiguous', { soapAction: `${NS}/nascita`, element: { namespace: NS, name: 'decesso' } }],
    ['operation-ambiguous', { soapAction: `${NS}/nascita`, element: { namespace: 'urn:other', name: 'nascita' } }],
    ['operation-unknown', { soapAction: `${NS}/matrimonio` }],
    ['operation-unknown', { element: { namespace: 'urn:other', name: 'nascita' } }],
    ['operation-unknown', {}],
  ])('4: refuses with %s', (code, hints) => {
    expect(() => resolve(soap(hints), registry)).toThrow(expect.objectContaining({ code }));
  });

  it.each([{ element: { namespace: 'urn:x', name: 'nascita' } }, { soapAction: 'urn:x' }])(
    '4: says that a service has no SOAP interface, %j',
    (hints) => {
      const rest = { ...service, operations: [operation('nascita', { element: null, soapAction: null })] };
      const refused = expect.objectContaining({
        code: 'operation-unknown',
        info: expect.objectContaining({
          detail: expect.stringContaining('Anagrafe v1 publishes no SOAP interface'),
          expected: '/rest/alfa/v1/Anagrafe/...',
        }),
      }) as Error;
      expect(() => resolve(soap(hints), registryOver(rest, [agreement('alfa')]))).toThrow(refused);
    },
  );

  it.each([
    ['participant-unknown', { participant: 'gamma' }],
    ['service-unknown', { service: 'Tributi' }],
    ['version-unknown', { version: 9 }],
    ['route-unknown', { path: '/matrimonio' }],
    ['method-not-allowed', { method: 'PUT' }],
  ])('refuses a REST address with %s', (code, address) => {
    const wrong = decoded();
    expect(() => resolve({ ...wrong, address: { ...wrong.address, ...address } }, registry)).toThrow(
      expect.objectContaining({ code }),
    );
  });

  it.each([
    ['POST', '/nascita', 'nascita'],
    ['GET', '/7', 'legge'],
    ['GET', '/nascita', 'method-not-allowed'],
    ['POST', '/7', 'method-not-allowed'],
    ['GET', '/7/8', 'route-unknown'],
    ['GET', '', 'route-unknown'],
  ])('2: %s %s beside a path template is %s', (method, path, expected) => {
    const template = operation('legge', { rest: { method: 'GET', path: '/{id}' } });
    const wider = { ...registry, service: () => ({ ...service, operations: [template, ...service.operations] }) };
    const sent = decoded();
    const outcome = () => resolve({ ...sent, address: { ...sent.address, method, path } }, wider).operation.name;
    if (expected.includes('-')) expect(outcome).toThrow(expect.objectContaining({ code: expected }));
    else expect(outcome()).toBe(expected);
  });

  it('4: sends an event to the receivers it names, else to every subscriber', () => {
    const quiet = registryWith(agreement('alfa'), agreement('beta', { subscribes: false }));
    const receivers = (message: Decoded) => resolve(message, quiet).receivers.map(({ participant }) => participant);
    expect(receivers(event())).toEqual(['alfa']);
    expect(receivers(event({ claimedReceivers: ['beta'] }))).toEqual(['beta']);
    expect(receivers(event({ claimedReceivers: ['alfa', 'beta'] }))).toEqual(['alfa', 'beta']);
  });

  it.each([
    ['receiver-unknown', ['gamma']],
    ['not-authorised', ['mittente']],
  ])('refuses an event to a receiver with %s', (code, claimedReceivers) => {
    expect(() => resolve(event({ claimedReceivers }), registry)).toThrow(expect.objectContaining({ code }));
  });

  it('refuses an event that nobody takes', () => {
    expect(() => resolve(event(), registryWith())).toThrow(expect.objectContaining({ code: 'no-subscriber' }));
  });
});
