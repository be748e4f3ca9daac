import type { ServerResponse } from 'node:http';
import { http, type HttpCall } from './client.js';
import { writeCentres } from './fan-out-registry.js';
import { openLines, type Line, type Lines } from './ndjson.js';
import { writeQueryRegistry } from './query-registry.js';
import { asOperator, queryStage, type QueryStage } from './query-stage.js';
import type { Received } from './receiver.js';
import { KEYS } from './registry.js';
import type { Ground } from './shapes.js';

/** Providers of Residenti below the centre `cst_many`, more than are asked at once. */
export const MANY = Array.from({ length: 40 }, (_, index) => ({ id: `c_m${String(index).padStart(3, '0')}` }));
export const AT_ONCE = 16;
const CENTRES = {
  cst_few: [
    { id: 'cst_few' },
    { id: 'c_f1' },
    { id: 'c_f2' },
    { id: 'c_f3', answers: false },
    { id: 'c_none', agreement: null },
    { id: 'c_held', agreement: { status: 'suspended' } },
    { id: 'c_past', agreement: { validUntil: '2020-01-01T00:00:00Z' } },
    { id: 'c_part', agreement: { operations: ['cercaResidenti'] } },
  ],
  cst_many: MANY,
  cst_rate: [
    { id: 'c_r1', agreement: { perMinute: 1 } },
    { id: 'c_r2', agreement: { maxBytes: 1 } },
  ],
};

export const ONE = '/residenti/RSSMRA80A01I804X';
export const few = (path = ONE) => `/fanout/cst_few/v1/Residenti${path}`;
export const many = (path = ONE) => `/fanout/cst_many/v1/Residenti${path}`;

/** The code of who was asked, from its address. */
export const providerOf = ({ path }: Received) => path.split('/')[2] as string;
export const anna = (reply: ServerResponse) =>
  void reply
    .writeHead(200, { 'content-type': 'application/json' })
    .end('{\n  "nome": "Anna\\nRossi",\r\n  "figli": 2\n}');
export const providersIn = (lines: readonly Line[]) =>
  lines.flatMap(({ provider }) => (typeof provider === 'string' ? provider : [])).sort();
export const lineOf = (lines: readonly Line[], provider: string) => lines.find((line) => line['provider'] === provider);

/** The query stage with centres below the region; Pratola's system answers for everybody there, before each test with Anna. */
export interface FanOutStage {
  readonly stage: QueryStage;
  open(path: string, call?: HttpCall): Promise<Lines>;
  /** Every line of the answer. */
  all(path: string, call?: HttpCall): Promise<readonly Line[]>;
  /** What was asked within this test. */
  received(): readonly Received[];
  /** Who was asked within this test. */
  asked(): string[];
  /** Answers wait from now on until they are let go, by who was asked. */
  hold(isHeld?: (provider: string) => boolean): Map<string, () => void>;
  /** The questions that the journal has under a correlation id. */
  traced(correlationId: string): Promise<readonly { readonly id: string }[]>;
}

export function fanOutStage(lay: () => Promise<Ground>): FanOutStage {
  const stage = queryStage(lay, async ({ sulmona, pratola }) => {
    const directory = await writeQueryRegistry({ soap: sulmona.url, rest: pratola.url });
    await writeCentres(directory, pratola.url, CENTRES);
    return directory;
  });
  let begun = 0;
  beforeEach(() => {
    begun = stage.pratola.received.length;
    stage.pratola.answerWith((_, reply) => anna(reply));
  });
  const open: FanOutStage['open'] = (path, call) =>
    openLines(`${stage.gateway.url}${path}`, { key: KEYS.regione, ...call });
  const received = () => stage.pratola.received.slice(begun);
  return {
    stage,
    open,
    all: async (path, call) => (await open(path, call)).rest(),
    received,
    asked: () => received().map(providerOf),
    hold: (isHeld = () => true) => {
      const held = new Map<string, () => void>();
      stage.pratola.answerWith((one, reply) => {
        if (!isHeld(providerOf(one))) return anna(reply);
        held.set(providerOf(one), () => anna(reply));
      });
      return held;
    },
    traced: async (correlationId) => {
      const url = `${stage.gateway.url}/admin/messages?limit=100&text=${correlationId}`;
      return (await http(url, asOperator)).json<{ items: { id: string }[] }>().items;
    },
  };
}
