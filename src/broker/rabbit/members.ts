import { request } from 'undici';

/** A cluster as its management API tells it. */
export interface BrokerMembers {
  /** Of the node that was asked, such as `3.13.7`. */
  readonly version: string;
  readonly nodes: readonly { readonly name: string; readonly running: boolean }[];
  /** The gateway's quorum queues. */
  readonly queues: readonly { readonly name: string; readonly members: number; readonly online: number }[];
}

const LIMIT_MS = 5_000;
const COLUMNS = 'queues?columns=name,type,members,online';

/** Throws where the management API does not answer, or not with 200. */
export async function inspectMembers(managementUrl: string): Promise<BrokerMembers> {
  const { origin, pathname, username, password } = new URL(managementUrl);
  const account = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const get = async <T>(path: string): Promise<T> => {
    const url = `${origin}${pathname.replace(/\/+$/, '')}/api/${path}`;
    const signal = AbortSignal.timeout(LIMIT_MS);
    const { statusCode, body } = await request(url, { headers: { authorization: `Basic ${account}` }, signal });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`it answered ${statusCode}`);
    return JSON.parse(text) as T;
  };
  const [{ rabbitmq_version: version }, nodes, queues] = await Promise.all([
    get<{ readonly rabbitmq_version: string }>('overview?columns=rabbitmq_version'),
    get<NodeJson[]>('nodes?columns=name,running'),
    get<QueueJson[]>(COLUMNS),
  ]);
  const own = queues.filter(({ name, type }) => type === 'quorum' && name.startsWith('crocevia.'));
  return {
    version,
    nodes,
    queues: own.map(({ name, members, online }) => ({
      name,
      members: members?.length ?? 0,
      online: online?.length ?? 0,
    })),
  };
}

interface NodeJson {
  readonly name: string;
  readonly running: boolean;
}

interface QueueJson {
  readonly name: string;
  readonly type: string;
  readonly members?: readonly string[];
  readonly online?: readonly string[];
}
