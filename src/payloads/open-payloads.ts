import type { PayloadStore } from '../acceptance/payloads.js';
import { directoryPayloads } from './directory.js';
import { s3Payloads } from './s3.js';

/** Where large contents lie: rows of the database, files below a directory, or objects of an S3-compatible store. */
export type PayloadPlace =
  | { readonly kind: 'database' }
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 's3'; readonly address: string };

export function openPayloads(place: PayloadPlace, database: PayloadStore): PayloadStore {
  if (place.kind === 'directory') return directoryPayloads(place.directory);
  return place.kind === 's3' ? s3Payloads(place.address) : database;
}
