import { databaseFindings, memberFindings } from './shape.js';

const primary = {
  version: 15,
  inRecovery: false,
  fsync: true,
  fullPageWrites: true,
  synchronousCommit: 'on',
  synchronousStandbyNames: '*',
  standbys: 1,
  synchronous: 1,
  locks: 51_200,
  connections: 100,
};
const [A, B] = ['postgres://u:secret@a/x', 'postgres://u:secret@b/x'];
const host = (url: string, more: Partial<typeof primary> = {}) => ({
  url,
  seen: { ...primary, ...more },
  problem: null,
});
const told = (...hosts: ReturnType<typeof host>[]) =>
  databaseFindings(hosts, 730).map(({ level, subject, text }) => `${level} ${subject}: ${text}`);

describe('what check says of the shape', () => {
  it('8: is content with a primary and a synchronous standby, and shows no password', () => {
    const found = told(host(A), host(B, { inRecovery: true, standbys: 0, synchronous: 0 }));
    expect(found).toEqual([
      'ok postgres://u:***@a/x: PostgreSQL 15, primary',
      'ok postgres://u:***@b/x: PostgreSQL 15, standby (in recovery)',
      'ok postgres://u:***@a/x: a commit waits for a synchronous standby (1 connected): nothing is lost with this host',
    ]);
  });

  it.each([
    [{ fsync: false }, /warning .*fsync is off/],
    [{ fullPageWrites: false }, /warning .*full_page_writes is off/],
    [{ synchronousCommit: 'off' }, /warning .*a crash loses messages/],
    [{ synchronousCommit: 'local' }, /warning .*no commit waits for a standby/],
    [{ synchronousStandbyNames: '', standbys: 0, synchronous: 0 }, /warning .*no standby/],
    [{ synchronousStandbyNames: '', synchronous: 0 }, /warning .*just before the loss of this host may be lost/],
    [{ synchronous: 0 }, /warning .*every commit waits/],
    [{ locks: 6_400 }, /warning .*room for 6400 locks, enough for about 128 days of records, which are kept for 730/],
  ])('8: warns of a primary with %j', (more, warning) => {
    expect(told(host(A, more)).join('\n')).toMatch(warning);
  });

  it('8: finds none and two primaries wrong', () => {
    expect(told(host(A), host(B)).join('\n')).toMatch(/wrong DATABASE_URL: .*a\/x and .*b\/x both say/);
    expect(told(host(A, { inRecovery: true })).join('\n')).toMatch(/wrong DATABASE_URL: no host is a primary/);
    expect(databaseFindings([{ url: A, seen: null, problem: 'ECONNREFUSED' }], 730)).toEqual([]);
  });

  it('8: warns of quorum queues with too few members, of members offline and of nodes that are down', () => {
    const nodes = ['rb1', 'rb2', 'rb3'].map((name) => ({ name, running: name !== 'rb3' }));
    const queue = (name: string, members: number, online: number) => ({ name, members, online });
    const queues = [
      queue('crocevia.system.a', 3, 3),
      queue('crocevia.system.b', 1, 1),
      queue('crocevia.system.c', 3, 2),
    ];
    const found = memberFindings({ version: '4.2.6', nodes, queues }).map(({ level, text }) => `${level} ${text}`);
    expect(found).toEqual([
      'ok 3 on 3 RabbitMQ nodes',
      'warning node rb3 is down',
      expect.stringMatching(/^warning 1 \(crocevia\.system\.b\) with fewer than 3 members/),
      expect.stringMatching(/^warning 1 \(crocevia\.system\.c\) with members that are not online/),
    ]);
    const one = memberFindings({
      version: '3.10.8',
      nodes: nodes.slice(0, 1),
      queues: [queue('crocevia.system.a', 1, 1)],
    });
    expect(one.map(({ text }) => text).join('\n')).toMatch(/1 of 3 nodes: queues stand still/);
  });

  it.each([
    ['3.10.8', true],
    ['3.13.7', true],
    ['4.1.9', true],
    ['4.2.5', true],
    ['4.2.6', false],
    ['4.2.10', false],
    ['4.3.0', false],
    ['5.0.0', false],
  ])('4: warns that RabbitMQ %s lets systems count: %s', (version, warns) => {
    const nodes = [{ name: 'rb1', running: true }];
    const told = (name: string) =>
      memberFindings({ version, nodes, queues: [{ name, members: 1, online: 1 }] }).some(
        ({ level, text }) => level === 'warning' && text.includes(`version ${version} tells every user`),
      );
    expect([told('crocevia.out.a'), told('crocevia.system.a')]).toEqual([warns, false]);
  });
});
