import { pushChannel } from '../../src/delivery/channels/push.js';
import type { OutcomeRule } from '../../src/registry/model.js';
import { agentToHere, exchangeParts, jobFor, messageIn, site, systemAt, type Site } from './channels-exchange.js';

const { documents, protocols, outgoing } = exchangeParts();
const problems: unknown[] = [];
const push = pushChannel({ agent: agentToHere(), outgoing, protocols, problem: (error) => void problems.push(error) });
const sites: Site[] = [];

async function fixed(status: number, headers: Record<string, string> = {}, body = ''): Promise<Site> {
  const opened = await site((reply) => void reply.writeHead(status, headers).end(body));
  sites.push(opened);
  return opened;
}

afterEach(async () => {
  await Promise.all(sites.splice(0).map((one) => one.stop()));
  expect(problems.splice(0)).toEqual([]);
});

afterAll(async () => {
  await push.close();
  await documents.stop();
});

describe('what an answer means', () => {
  const fault11 = (code: string) =>
    `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:${code}</faultcode>` +
    `<faultstring>numero già registrato</faultstring></s:Fault></s:Body></s:Envelope>`;
  const fault12 = (code: string, subcode = '') =>
    `<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body><s:Fault><s:Code><s:Value>s:${code}</s:Value>${subcode && `<s:Subcode><s:Value>s:${subcode}</s:Value></s:Subcode>`}</s:Code>` +
    `<s:Reason><s:Text xml:lang="it">numero già registrato</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`;
  const XML11 = { 'content-type': 'text/xml; charset=utf-8' };
  const XML12 = { 'content-type': 'application/soap+xml; charset=utf-8' };

  it.each([
    [200, 'delivered', undefined],
    [204, 'delivered', undefined],
    [299, 'delivered', undefined],
    [302, 'retry', 'receiver-error'],
    [400, 'refused', 'receiver-refused'],
    [401, 'refused', 'receiver-refused'],
    [404, 'refused', 'receiver-refused'],
    [422, 'refused', 'receiver-refused'],
    [408, 'retry', 'receiver-error'],
    [425, 'retry', 'receiver-error'],
    [429, 'retry', 'receiver-error'],
    [500, 'retry', 'receiver-error'],
    [502, 'retry', 'receiver-error'],
    [503, 'retry', 'receiver-error'],
  ])('9: %i is %s', async (status, outcome, code) => {
    const receiver = await fixed(status, { location: '/altrove' });
    const result = await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-rest' }), messageIn('rest')));
    expect([result.outcome, result.fault?.code, result.attempt.status]).toEqual([outcome, code, status]);
    expect(receiver.requests).toHaveLength(1);
  });

  it.each([
    [200, 'refused', 'Client', XML11, fault11],
    [200, 'retry', 'Server.Busy', XML11, fault11],
    [500, 'refused', 'Client.Content', XML11, fault11],
    [500, 'retry', 'Server', XML11, fault11],
    [200, 'refused', 'Sender', XML12, fault12],
    [500, 'retry', 'Receiver', XML12, fault12],
    [400, 'retry', 'Receiver', XML12, fault12],
    [503, 'retry', 'Client', XML11, fault11],
  ])('8: %i with a SOAP fault is %s by its code %s', async (status, outcome, code, headers, write) => {
    const body = write(code);
    const receiver = await fixed(status, headers, body);
    const result = await push.deliver(jobFor(systemAt(receiver.url, { channel: 'push-soap' }), messageIn('soap11')));
    expect(result.outcome).toBe(outcome);
    expect(result.fault?.detail).toBe(`The receiver answered ${status}: numero già registrato`);
    expect(result.attempt.response).toBe(body);
  });

  it.each([
    ['30', 30_000],
    ['86400', 3_600_000],
    [new Date(Date.now() + 120_000).toUTCString(), 120_000],
    ['tomorrow', undefined],
  ])('9: Retry-After %s is honoured', async (value, expected) => {
    const receiver = await fixed(429, { 'retry-after': value });
    const { retryAfterMs } = await push.deliver(
      jobFor(systemAt(receiver.url, { channel: 'push-rest' }), messageIn('rest')),
    );
    if (expected === undefined) return expect(retryAfterMs).toBeUndefined();
    expect(Math.abs((retryAfterMs as number) - expected)).toBeLessThan(10_000);
  });

  it('5: a fault holds 200 characters of the reason on one line, and no page of HTML', async () => {
    const long = await fixed(422, { 'content-type': 'text/plain; charset=utf-8' }, `riga\n${'é'.repeat(500)}\0`);
    const told = await push.deliver(jobFor(systemAt(long.url, { channel: 'push-rest' }), messageIn('rest')));
    expect(told.fault?.detail).toBe(`The receiver answered 422: riga ${'é'.repeat(195)}`);
    expect(told.attempt.response).not.toContain('\0');
    const page = await fixed(404, { 'content-type': 'text/html' }, '<html>Tomcat/9.0</html>');
    const untold = await push.deliver(jobFor(systemAt(page.url, { channel: 'push-rest' }), messageIn('rest')));
    expect(untold.fault?.detail).toBe('The receiver answered 404: Not Found');
    expect(untold.fault?.place).toBe('r_abruzz');
  });

  const rules: readonly OutcomeRule[] = [
    { status: 409, fault: null, means: 'delivered' },
    { status: 404, fault: null, means: 'retry' },
    { status: 500, fault: 'Client.Occupato', means: 'retry' },
    { status: null, fault: 'Server.Doppio', means: 'delivered' },
    { status: null, fault: 'DatiErrati', means: 'refused' },
    { status: null, fault: 'https://comune.example/errori/manca', means: 'refused' },
    { status: '5xx', fault: null, means: 'refused' },
  ];

  it.each([
    [409, 'delivered', undefined],
    [404, 'retry', 'receiver-error'],
    [500, 'refused', 'receiver-refused'],
    [599, 'refused', 'receiver-refused'],
    [422, 'refused', 'receiver-refused'],
    [503, 'refused', 'receiver-refused'],
    [200, 'delivered', undefined],
  ])('3: %i is %s by a rule of the system, or by the standard where none fits', async (status, outcome, code) => {
    const receiver = await fixed(status);
    const system = systemAt(receiver.url, { channel: 'push-rest', outcomes: rules });
    const result = await push.deliver(jobFor(system, messageIn('rest')));
    expect([result.outcome, result.fault?.code, result.attempt.status]).toEqual([outcome, code, status]);
  });

  it.each([
    [500, 'retry', XML11, fault11('Client.Occupato')],
    [200, 'refused', XML11, fault11('Client.Occupato')],
    [500, 'delivered', XML11, fault11('Server.Doppio')],
    [500, 'refused', XML12, fault12('Receiver', 'DatiErrati')],
    [400, 'retry', XML12, fault12('Receiver')],
  ])('3: %i with a SOAP fault is %s by its code or subcode', async (status, outcome, headers, body) => {
    const receiver = await fixed(status, headers, body);
    const system = systemAt(receiver.url, { channel: 'push-soap', outcomes: rules });
    expect((await push.deliver(jobFor(system, messageIn('soap11')))).outcome).toBe(outcome);
  });

  it('3: a problem is known by its type', async () => {
    const body = JSON.stringify({ type: 'https://comune.example/errori/manca', title: 'Manca il protocollo' });
    const receiver = await fixed(503, { 'content-type': 'application/problem+json' }, body);
    const system = systemAt(receiver.url, { channel: 'push-rest', outcomes: rules });
    expect(await push.deliver(jobFor(system, messageIn('rest')))).toMatchObject({
      outcome: 'refused',
      fault: { detail: 'The receiver answered 503: Manca il protocollo' },
    });
  });

  it('3: a wait that a rule grants lasts as long as the system asks', async () => {
    const receiver = await fixed(404, { 'retry-after': '30' });
    const system = systemAt(receiver.url, { channel: 'push-rest', outcomes: rules });
    expect((await push.deliver(jobFor(system, messageIn('rest')))).retryAfterMs).toBe(30_000);
  });
});
