import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

/** A server that speaks S3 over HTTP and verifies signatures, with one bucket; `files` are its objects. */
export interface S3Server {
  readonly address: string;
  files(): readonly string[];
  stop(): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  const directory = mkdtempSync(join(tmpdir(), 'crocevia-s3-'));
  const server = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    directory,
    vhostBuckets: false,
    configureBuckets: [{ name: 'contenuti' }],
  });
  const { port } = await server.run();
  return {
    address: `s3+http://S3RVER:S3RVER@127.0.0.1:${port}/contenuti/gateway?region=us-east-1`,
    files: () =>
      readdirSync(join(directory, 'contenuti'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('_object'))
        .map(({ name }) => name),
    stop: async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
