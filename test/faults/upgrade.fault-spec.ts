import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startGateway, type RunningGateway } from '../support/gateway.js';
import { allArrived, sendMany } from '../support/load.js';
import { startReceiver, type Receiver } from '../support/receiver.js';
import { writeRegistry } from '../support/registry.js';
import { standard, type Ground } from '../support/shapes.js';

/** The version before the last migrations; a new migration moves it on. */
const BEFORE = '241a7ed';
const EACH = 200;

const isThere = (() => {
  try {
    execFileSync('git', ['cat-file', '-e', `${BEFORE}^{commit}`], { stdio: 'ignore' });
    return true;
  } catch {
    console.log(`upgrade: skipped, this clone has no commit ${BEFORE}`);
    return false;
  }
})();

/** The build of the version before, with today's packages. */
function buildBefore(): string {
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-before-'));
  execFileSync('sh', ['-c', `git archive ${BEFORE} | tar -x -C "$1"`, 'sh', directory]);
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] });
  return directory;
}

(isThere ? describe : describe.skip)('an upgrade of two nodes, one after the other', () => {
  let ground: Ground;
  let receiver: Receiver;
  let before: string;
  const nodes: RunningGateway[] = [];

  beforeAll(async () => {
    before = buildBefore();
    [ground, receiver] = await Promise.all([standard(), startReceiver()]);
  }, 300_000);

  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.kill9()));
    await receiver.stop();
    await ground.stop();
    rmSync(before, { recursive: true, force: true });
  }, 60_000);

  const posts = () => {
    const counts = new Map<string, number>();
    for (const { headers } of receiver.received) {
      const id = String(headers['x-gateway-id']);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    return counts;
  };

  it('9: loses nothing and doubles nothing, and the version before starts on the new schema', async () => {
    const push = { channel: 'push-rest' as const, url: receiver.url, shape: 'original' as const, concurrency: 4 };
    const directory = await writeRegistry({ pratola: push, regione: push });
    // What the version before does not know is not written before every node is new.
    const services = readFileSync(join(before, 'examples/registry/services.yaml'), 'utf8');
    writeFileSync(join(directory, 'services.yaml'), services.replaceAll('../../schemas', resolve('schemas')));
    const env = { ...ground.env, CROCEVIA_REGISTRY_DIR: directory, CROCEVIA_LOG_LEVEL: 'warn' };
    const start = async (name: string, version: 'old' | 'new') => {
      const main = version === 'old' ? join(before, 'dist/main.js') : undefined;
      const node = await startGateway({ ...env, CROCEVIA_NODE: name }, main);
      nodes.push(node);
      return node;
    };
    /** Sends to the nodes that stay while something is done to the other. */
    const during = async <T>(stay: readonly RunningGateway[], done: () => Promise<T>): Promise<T> => {
      const sending = Promise.all(stay.map(({ url }) => sendMany(url, EACH)));
      const result = await done();
      for (const { ids } of await sending) accepted.push(...ids);
      return result;
    };
    const accepted: string[] = [];

    const [one, two] = [await start('one', 'old'), await start('two', 'old')];
    await during([one, two], () => Promise.resolve());
    expect(await during([two], () => one.stop())).toBe(0);
    const oneNew = await during([two], () => start('one', 'new'));
    await during([oneNew, two], () => Promise.resolve());
    expect(await during([oneNew], () => two.stop())).toBe(0);
    const twoNew = await during([oneNew], () => start('two', 'new'));
    await during([oneNew, twoNew], () => Promise.resolve());
    // And back, as where the new version is not what was hoped for.
    expect(await during([oneNew], () => twoNew.stop())).toBe(0);
    const twoOld = await during([oneNew], () => start('two', 'old'));
    await during([oneNew, twoOld], () => Promise.resolve());

    expect(accepted).toHaveLength(EACH * 14);
    await allArrived(receiver, accepted, 120_000);
    expect([...posts()].filter(([, count]) => count > 1)).toEqual([]);
  }, 400_000);
});
