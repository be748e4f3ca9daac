import { Fault } from '../message/fault.js';
import { gatherDiagnostics, type DiagnosticsParts } from './diagnostics.js';

const problem = (message: string, hint = '', file = 'a.yaml') => ({ file, line: 1, message, hint });
const partsWith = (problems: ReturnType<typeof problem>[], over: Partial<DiagnosticsParts> = {}) =>
  ({
    shape: () => ({}),
    settings: {},
    system: async () => ({}),
    ready: async () => undefined,
    registry: { revision: () => '7', counts: () => ({ systems: 1, services: 2 }), problems: () => problems },
    queues: { list: async () => ({ items: [{ system: 'a', depth: 3, canary: 'x' }] }) },
    search: { deadLetters: async () => ({ groups: [{ fault: 'receiver-refused', count: 2, example: 'canary' }] }) },
    alerts: { list: async () => [{ rule: 'disk', subject: 'data', by: 'canary', reason: 'canary' }] },
    metrics: { text: async () => ({ body: 'a 1\nb 2\n' }) },
    ...over,
  }) as unknown as DiagnosticsParts;

describe('diagnostics', () => {
  it.each([
    ['an address', 'url: "canary" is no address', 'url: "…" is no address'],
    ['what a parser has read', 'wrong at line 1:\n\npassword: canary', 'wrong at line 1:'],
    ['JSON', `Unexpected token 'c', "canary..." is not valid`, `Unexpected token '…', "…" is not valid`],
    ['an operator', 'operator canary has a wrong scope', 'operator … has a wrong scope'],
  ])('7.16: a problem of the registry is told without what it quotes: %s', async (_name, message, told) => {
    const { registry } = await gatherDiagnostics(partsWith([problem(message, message, 'operator canary')]));
    expect(registry.problems).toEqual([{ file: 'operator …', line: 1, message: told, hint: told }]);
  });

  it('7.16: takes of queues, groups and incidents what is named and nothing else', async () => {
    const seen = await gatherDiagnostics(partsWith([]));
    expect(JSON.stringify(seen)).not.toContain('canary');
    expect(seen).toMatchObject({
      notReady: null,
      queues: [{ system: 'a', depth: 3 }],
      deadLetters: [{ fault: 'receiver-refused', count: 2 }],
      alerts: [{ rule: 'disk', subject: 'data' }],
      metrics: ['a 1', 'b 2'],
    });
  });

  it('7.16: says why the node takes no messages', async () => {
    const away = new Fault('registry-stale', { detail: 'canary' });
    const seen = await gatherDiagnostics(partsWith([], { ready: () => Promise.reject(away) }));
    expect(seen.notReady).toBe('registry-stale');
  });
});
