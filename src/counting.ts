import { X509Certificate } from 'node:crypto';
import type { Config } from './config.js';
import type { RegistrySource } from './registry/registry.js';
import { createMapFlows } from './statistics/flow-map.js';
import { createListFlows } from './statistics/flows.js';
import { createQueues } from './statistics/queues.js';
import { createStatisticsRounds } from './statistics/rounds.js';
import { createSituate } from './statistics/situation.js';
import type { Store } from './store/open-store.js';
import type { TlsFiles } from './tls/tls-files.js';
import type { GatewayLog } from './trace/log.js';
import type { RoundBook } from './trace/rounds.js';

interface CountingSources {
  readonly config: Pick<Config, 'owner'>;
  readonly store: Pick<Store, 'statistics' | 'counting' | 'sweeper'>;
  readonly source: Pick<RegistrySource, 'current'>;
  readonly tls: TlsFiles | null;
  readonly book: Pick<RoundBook, 'note'>;
  readonly log: Pick<GatewayLog, 'problem'>;
}

/** What counts, and what operators are told of it. */
export function statisticsParts({ config, store, source, tls, book, log }: CountingSources) {
  const parts = { statistics: store.statistics, registry: () => source.current(), now: () => new Date() };
  const queues = createQueues(parts);
  const certificates = () => (tls ? [ownCertificate(tls)] : []);
  return {
    rounds: createStatisticsRounds({
      ledger: store.counting,
      leases: store.sweeper,
      owner: config.owner,
      book,
      problem: log.problem('statistics'),
    }),
    queues,
    flows: createListFlows(parts),
    map: createMapFlows(parts),
    situate: createSituate({ ...parts, queues, certificates }),
  };
}

function ownCertificate(tls: TlsFiles) {
  const { subject, validTo } = new X509Certificate(tls.options().cert as Buffer);
  return { subject: subject.replaceAll('\n', ', '), until: new Date(validTo) };
}
