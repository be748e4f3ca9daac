import { writeQueryRegistry } from '../support/query-registry.js';
import { asker, queryStage, say } from '../support/query-stage.js';
import { embedded } from '../support/shapes.js';
import { askedJsonOf, ANSWERED_JSON } from '../support/tax-query.js';

const MIB = 1024 * 1024;

describe('big questions to a provider that is slow, embedded', () => {
  const stage = queryStage(embedded, ({ sulmona, pratola }) =>
    writeQueryRegistry({ soap: sulmona.url, rest: pratola.url, timeoutMs: 30_000 }),
  );
  const ask = asker(stage);

  it('1: 128 MiB of them wait, more are refused at once, and small ones to another system go on', async () => {
    const gone = new AbortController();
    stage.pratola.answerWith(() => undefined);
    stage.sulmona.answerWith(say(500, 'text/plain', ''));
    const body = JSON.stringify(askedJsonOf('c_h007')).replace(/\}$/, `${' '.repeat(9 * MIB)}}`);
    const headers = { 'content-type': 'application/json' };
    const path = '/rest/c_h007/v1/PosizioneTributaria/posizioni/consulta';
    const askBig = () => ask(path, { headers, body, signal: gone.signal }).catch(() => null);
    const bigOnes = Array.from({ length: 16 }, askBig);
    const refused = await Promise.race(bigOnes);
    expect(refused?.json()).toMatchObject({ code: 'receiver-overloaded' });
    const other = await ask('/rest/c_i804/v1/Residenza/residenti/1');
    expect(other.status).toBe(502);
    gone.abort();
    await Promise.all(bigOnes);
    stage.pratola.answerWith(say(200, 'application/json', JSON.stringify(ANSWERED_JSON)));
    expect((await ask(path, { body: askedJsonOf('c_h007') })).status).toBe(200);
  }, 60_000);
});
