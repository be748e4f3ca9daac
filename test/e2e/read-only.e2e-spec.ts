import { readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { http, idOf, statusWhen } from '../support/client.js';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { noticeJson } from '../support/messages.js';
import { KEYS, writeRegistry } from '../support/registry.js';
import { mayMount } from '../support/small-volume.js';

const NOBODY = '65534';

/** A view of the machine of its own in which all is read-only but `data`, and a user that owns nothing but that. */
const closed = (data: string) => [
  ...['unshare', '--mount', 'sh', '-c'],
  `mount --make-rprivate / && mount -t tmpfs -o mode=700,uid=${NOBODY} tmpfs ${data} && mount -o remount,bind,ro / &&
   exec setpriv --pdeathsig KILL --reuid ${NOBODY} --regid ${NOBODY} --clear-groups --no-new-privs --bounding-set -all "$@"`,
  'sh',
];

const why = process.getuid?.() === 0 && mayMount() ? null : 'this process may not mount';
if (why !== null) console.log(`skipped: ${why}`);

(why === null ? describe : describe.skip)('8: a gateway without rights', () => {
  let places: readonly string[];
  let gateway: RunningGateway;

  beforeAll(async () => {
    const registry = await writeRegistry({ pratola: { channel: 'box' }, regione: { channel: 'box' } });
    await chmod(registry, 0o755);
    const data = await mkdtemp(join(tmpdir(), 'crocevia-closed-'));
    places = [registry, data];
    const env = { HOME: data, CROCEVIA_REGISTRY_DIR: registry, CROCEVIA_DATA_DIR: join(data, 'db') };
    gateway = await startGateway(env, undefined, closed(data));
  }, 60_000);

  afterAll(async () => {
    await gateway.stop();
    await Promise.all(places.map((place) => rm(place, { recursive: true, force: true })));
  }, 30_000);

  it('8: takes and offers a message as nobody, on a read-only root', async () => {
    const own = `/proc/${gateway.pid}`;
    expect(readFileSync(`${own}/status`, 'utf8')).toMatch(new RegExp(`^Uid:\\s${NOBODY}\\s`, 'm'));
    expect(readFileSync(`${own}/status`, 'utf8')).toMatch(/^CapEff:\s0+$/m);
    expect(readFileSync(`${own}/mounts`, 'utf8')).toMatch(/^\S+ \/ \S+ ro,/m);
    const sent = await http(`${gateway.url}/rest/r_abruzz/v1/VariazioneAnagrafica/notifiche`, {
      key: KEYS.sulmona,
      body: noticeJson('r_abruzz'),
    });
    expect(sent.status).toBe(202);
    await statusWhen(gateway.url, idOf(sent), ({ deliveries }) => deliveries[0]?.state === 'AVAILABLE');
  }, 60_000);
});
