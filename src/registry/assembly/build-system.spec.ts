import type { EndpointDocument } from '../documents/document-types.js';
import { buildSystem } from './build-system.js';

/** The endpoints as they are built, and what is wrong with them. */
function built(...endpoints: readonly EndpointDocument[]) {
  const problems: string[] = [];
  const provides = endpoints.map((endpoint, index) => ({ service: `s${index}`, version: 1, endpoint }));
  const system = buildSystem({ kind: 'system', id: 'x', participant: 'c_i804', provides }, {}, (path, message, hint) =>
    problems.push(`${path.join('/')}: ${message}; ${hint}`),
  );
  return { endpoints: system.provides.map(({ endpoint }) => endpoint), problems };
}

const HERE = { protocol: 'rest', url: 'http://10.0.0.7' } as const;

describe('the endpoints of a system', () => {
  it('6: are hedged only where it is declared', () => {
    const { endpoints, problems } = built(HERE, { ...HERE, hedgeAfterMs: 50 });
    expect(endpoints.map((one) => one?.hedgeAfterMs)).toEqual([null, 50]);
    expect(problems).toEqual([]);
  });

  it('6: cannot be hedged when the question has ended', () => {
    expect(built({ ...HERE, timeoutMs: 1_000, hedgeAfterMs: 1_000 }).problems).toEqual([
      'provides/0/endpoint/hedgeAfterMs: the question has ended by then; less than timeoutMs, 1000',
    ]);
    expect(built({ ...HERE, timeoutMs: 1_000, hedgeAfterMs: 999 }).problems).toEqual([]);
  });

  it('1: have a url in all or none', () => {
    expect(built({ protocol: 'rest' }, { protocol: 'soap11' }).problems).toEqual([]);
    expect(built(HERE, { protocol: 'rest' }).problems).toEqual([
      'provides/1/endpoint: it has no url, and another endpoint of this system has one or is asked by AMQP; url: or by: amqp in all, or both in none',
    ]);
  });
});

describe('how a system answers', () => {
  it('3: has rules of its own, and every status or fault where a rule names none', () => {
    const outcomes = [{ status: 409, means: 'delivered' } as const, { fault: 'Busy', means: 'retry' } as const];
    const receives = { channel: 'push-rest', url: HERE.url, outcomes } as const;
    const system = buildSystem({ kind: 'system', id: 'x', participant: 'c_i804', receives }, {}, () => undefined);
    expect(system.receives).toMatchObject({
      outcomes: [
        { status: 409, fault: null, means: 'delivered' },
        { status: null, fault: 'Busy', means: 'retry' },
      ],
    });
  });
});
