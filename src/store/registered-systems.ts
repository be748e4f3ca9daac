import pg from 'pg';

const LIMIT_MS = 3_000;
const SYSTEMS = `SELECT document FROM registry_document WHERE kind = 'system' AND document IS NOT NULL ORDER BY id`;

/** Documents of the systems that a database has, as they are stored: what is secret may be sealed. Rejects where it cannot be asked. */
export async function registeredSystems<T>(databaseUrl: string): Promise<readonly T[]> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: LIMIT_MS,
    query_timeout: LIMIT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<{ document: T }>(SYSTEMS)).rows.map(({ document }) => document);
  } finally {
    client.end().catch(() => undefined);
  }
}
