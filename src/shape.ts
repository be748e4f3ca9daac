import type { BrokerMembers } from './broker/rabbit/members.js';
import { inspectMembers } from './broker/rabbit/members.js';
import { redact } from './config-reading.js';
import type { Config } from './config.js';
import { inspectDurability, type Durability, type HostDurability } from './store/durability.js';

/** What `crocevia check` says of one thing; a warning is no error, but a promise that does not hold. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'wrong';
  readonly subject: string;
  readonly text: string;
  /** Names what was found, for who reads it by a program; docs/operations.md lists them. */
  readonly code?: string;
  readonly expected?: string;
}

const ok = (subject: string, text: string): Finding => ({ level: 'ok', subject, text });
const warning = (subject: string, text: string): Finding => ({ level: 'warning', subject, text });

/** Which shape the settings and the servers make, and what it does not survive. */
export async function inspectShape(config: Config): Promise<readonly Finding[]> {
  const { databaseUrl, amqpUrls, amqpManagementUrl } = config;
  if (databaseUrl === null) return [embedded];
  const hosts = await inspectDurability(databaseUrl);
  const members = amqpUrls.length === 0 ? [] : await membersOf(amqpManagementUrl);
  return [
    ...shapeOf(amqpUrls.length),
    ...databaseFindings(hosts, config.recordDays),
    ...amqpFindings(amqpUrls.length),
    ...members,
  ];
}

const embedded = ok(
  'shape',
  'embedded: survives the kill of its process, NOT power loss (PGlite never fsyncs); set DATABASE_URL for more',
);

function shapeOf(amqpHosts: number): readonly Finding[] {
  if (amqpHosts === 0) return [ok('shape', 'PostgreSQL with the in-process broker: one process only')];
  return [ok('shape', amqpHosts > 1 ? 'cluster' : 'standard')];
}

/** Hosts that could not be asked are named by the look at the network. */
export function databaseFindings(hosts: readonly HostDurability[], recordDays: number): readonly Finding[] {
  const seen = hosts.flatMap(({ url, seen }) => (seen === null ? [] : [{ url: redact(url), ...seen }]));
  const primaries = seen.filter(({ inRecovery }) => !inRecovery);
  const known = seen.map(({ url, version, inRecovery }) =>
    ok(url, `PostgreSQL ${version}, ${inRecovery ? 'standby (in recovery)' : 'primary'}`),
  );
  return [
    ...known,
    ...countFindings(seen.length, primaries),
    ...primaries.flatMap(primaryFindings),
    ...primaries.flatMap((one) => lockFindings(one, recordDays)),
  ];
}

function countFindings(asked: number, primaries: readonly { readonly url: string }[]): readonly Finding[] {
  if (asked === 0 || primaries.length === 1) return [];
  if (primaries.length === 0)
    return [
      { level: 'wrong', subject: 'DATABASE_URL', text: 'no host is a primary: nothing can be written; promote one' },
    ];
  const names = primaries.map(({ url }) => url).join(' and ');
  const text = `${names} both say that they are the primary: stop the former one before it takes what is then lost`;
  return [{ level: 'wrong', subject: 'DATABASE_URL', text }];
}

function primaryFindings(primary: Durability & { readonly url: string }): readonly Finding[] {
  const { url, fsync, fullPageWrites, synchronousCommit } = primary;
  const settings = [
    ...(fsync ? [] : ['fsync is off: a power failure may lose or destroy everything; set it to on']),
    ...(fullPageWrites ? [] : ['full_page_writes is off: a power failure may destroy pages; set it to on']),
    ...(['off', 'local'].includes(synchronousCommit)
      ? [`synchronous_commit is ${synchronousCommit}: ${LOSES[synchronousCommit]}; set it to on`]
      : []),
  ];
  return [...settings.map((text) => warning(url, text)), standbyFinding(primary)];
}

/** Tables of a day, with their indexes. */
const OF_A_DAY = 50;

/** Statements over all days (searches, sweeps that have found something) lock the tables of each, and to plan one locks their indexes too. */
function lockFindings(
  { url, locks, connections }: Durability & { readonly url: string },
  days: number,
): readonly Finding[] {
  const needed = OF_A_DAY * days;
  if (locks >= needed) return [];
  const text = `has room for ${locks} locks, enough for about ${Math.floor(locks / OF_A_DAY)} days of records, which are kept for ${days}: then statements over all of them fail`;
  return [
    {
      ...warning(url, text),
      code: 'locks-few',
      expected: `max_locks_per_transaction = ${Math.ceil(needed / connections)} or more, and a restart`,
    },
  ];
}

const LOSES: Readonly<Record<string, string>> = {
  off: 'a crash loses messages that were accepted before it',
  local: 'no commit waits for a standby, and the loss of this host loses messages',
};

function standbyFinding({ url, synchronousStandbyNames: names, standbys, synchronous }: Durability & { url: string }) {
  if (names === '' && standbys === 0)
    return warning(url, 'no standby: nothing is lost in a crash, but the loss of this host loses what is on its disk');
  if (names === '')
    return warning(
      url,
      `${standbys} standby without synchronous_standby_names: what was accepted just before the loss of this host may be lost`,
    );
  if (synchronous === 0)
    return warning(url, `synchronous_standby_names is "${names}" and no such standby is connected: every commit waits`);
  return ok(url, `a commit waits for a synchronous standby (${synchronous} connected): nothing is lost with this host`);
}

function amqpFindings(hosts: number): readonly Finding[] {
  if (hosts !== 1) return hosts === 0 ? [] : [ok('AMQP_URL', `${hosts} hosts`)];
  return [warning('AMQP_URL', 'one host: while it is away messages are taken and wait, but none is delivered')];
}

async function membersOf(managementUrl: string | null): Promise<readonly Finding[]> {
  if (managementUrl === null)
    return [ok('quorum queues', 'not looked at: set AMQP_MANAGEMENT_URL to see on how many nodes they lie')];
  try {
    return memberFindings(await inspectMembers(managementUrl));
  } catch (error) {
    const text = `${redact(managementUrl)} could not be asked: ${(error as Error).message}`;
    return [{ level: 'wrong', subject: 'AMQP_MANAGEMENT_URL', text }];
  }
}

/** The first version that holds queue.declare with `passive` against the user's permissions. */
const COUNTS_NOTHING = [4, 2, 6] as const;

/** Systems have users where they have queues of their own. */
function countingFindings({ version, queues }: BrokerMembers): readonly Finding[] {
  const parts = version.split('.').map(Number);
  const at = COUNTS_NOTHING.findIndex((wanted, index) => (parts[index] ?? 0) !== wanted);
  const isOlder = at >= 0 && (parts[at] ?? 0) < COUNTS_NOTHING[at]!;
  if (!isOlder || !queues.some(({ name }) => name.startsWith('crocevia.out.'))) return [];
  const text = `version ${version} tells every user of a system how many messages wait in a queue whose name it knows`;
  return [
    {
      ...warning('RabbitMQ', text),
      code: 'queues-countable',
      expected: `RabbitMQ ${COUNTS_NOTHING.join('.')} or newer`,
    },
  ];
}

/** A quorum queue keeps the members with which it was declared, also where nodes have joined since. */
export function memberFindings(members: BrokerMembers): readonly Finding[] {
  const { nodes, queues } = members;
  const down = nodes.filter(({ running }) => !running).map(({ name }) => name);
  const wanted = Math.min(3, nodes.length);
  const narrow = queues.filter(({ members }) => members < wanted);
  const short = queues.filter(({ members, online }) => online < members);
  const grow = `rabbitmq-queues grow NODE all`;
  return [
    ok('quorum queues', `${queues.length} on ${nodes.length} RabbitMQ ${nodes.length === 1 ? 'node' : 'nodes'}`),
    ...(nodes.length < 3
      ? [
          warning(
            'RabbitMQ',
            `${nodes.length} of 3 nodes: queues stand still while one is away; messages are still taken`,
          ),
        ]
      : []),
    ...countingFindings(members),
    ...down.map((name) => warning('RabbitMQ', `node ${name} is down`)),
    ...(narrow.length > 0
      ? [warning('quorum queues', `${named(narrow)} with fewer than ${wanted} members; add them with: ${grow}`)]
      : []),
    ...(short.length > 0 ? [warning('quorum queues', `${named(short)} with members that are not online`)] : []),
  ];
}

const named = (queues: readonly { readonly name: string }[]) =>
  `${queues.length} (${queues
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ')}${queues.length > 3 ? ', ...' : ''})`;
