import { randomUUID } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf, sumOf } from '../support/bytes.js';
import { http, idOf, statusWhen } from '../support/client.js';
import { dataDirectory } from '../support/data-directory.js';
import { ADMIN_TOKEN, startGateway } from '../support/gateway.js';
import { postLarge, related, startSink, writeLargeRegistry } from '../support/large.js';
import { envelope, NOTICE_ACTION } from '../support/messages.js';
import { KEYS } from '../support/registry.js';

const PRATOLA = 'pratola.protocollo';

describe('a payload store that is away, embedded', () => {
  it('1: large deliveries rest while it is, burn no attempt, and go when it is back', async () => {
    const [sink, data] = [await startSink(), await dataDirectory()];
    const registry = await writeLargeRegistry({
      pratola: { channel: 'push-soap', url: sink.url, shape: 'original', retry: { attempts: 1 } },
      regione: { channel: 'box', shape: 'original' },
    });
    const [payloads, elsewhere] = [join(data, 'payloads'), join(data, 'elsewhere')];
    const gateway = await startGateway({
      CROCEVIA_REGISTRY_DIR: registry,
      CROCEVIA_DATA_DIR: data,
      CROCEVIA_PAYLOADS: `directory:${payloads}`,
    });
    const turn = async (name: 'pause' | 'resume') => {
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const address = `${gateway.url}/admin/systems/${PRATOLA}/${name}?reason=prova`;
      expect((await http(address, { method: 'POST', headers })).status).toBe(200);
    };
    const content = related(
      'Content-Type: text/xml; charset=utf-8',
      envelope({ messageId: `urn:uuid:${randomUUID()}` }),
      [() => bytesOf(3 * 1024 * 1024)],
      'type="text/xml"; start="<busta>"',
    );
    const heldFor = (code: string) => (status: Awaited<ReturnType<typeof statusWhen>>) =>
      status.deliveries[0]?.state === 'SUSPENDED' && status.deliveries[0].fault?.code === code;

    await turn('pause');
    const address = `${gateway.url}/soap/c_h007/v1/VariazioneAnagrafica`;
    const id = idOf(await postLarge(address, KEYS.sulmona, content, { soapaction: `"${NOTICE_ACTION}"` }));
    await statusWhen(gateway.url, id, heldFor('receiver-paused'));
    await rename(payloads, elsewhere);
    await turn('resume');
    const held = await statusWhen(gateway.url, id, heldFor('store-unavailable'));
    expect(held.deliveries).toMatchObject([{ attempts: 0 }]);
    await rename(elsewhere, payloads);
    const done = await statusWhen(gateway.url, id, ({ state }) => state === 'COMPLETED', 30_000);
    expect(done.deliveries).toMatchObject([{ attempts: 1 }]);
    expect(sink.sunk).toMatchObject([await sumOf(content.body())]);

    expect(await gateway.stop()).toBe(0);
    await sink.stop();
    await Promise.all([registry, data].map((one) => rm(one, { recursive: true, force: true })));
  }, 90_000);
});
