import { createAlerts, type Alerts } from './alerts/alerts.js';
import { backupsOf } from './alerts/backups.js';
import { mailChannel } from './alerts/channels/mail.js';
import { webhookChannel } from './alerts/channels/webhook.js';
import type { Facts, NoticeChannel } from './alerts/ports.js';
import type { Config } from './config.js';
import { certificateDays } from './gauges.js';
import { outboundAgent, outboundRule } from './outbound/agent.js';
import { createMailer, type Mailer } from './outbound/mail.js';
import { disksOf } from './readings.js';
import type { Store } from './store/open-store.js';
import type { TlsFiles } from './tls/tls-files.js';
import type { GatewayLog } from './trace/log.js';
import type { RoundBook } from './trace/rounds.js';

interface AlertSources {
  readonly config: Config;
  readonly store: Pick<Store, 'alerts' | 'database' | 'sweeper'>;
  readonly tls: TlsFiles | null;
  readonly book: Pick<RoundBook, 'note'>;
  readonly log: Pick<GatewayLog, 'problem'>;
}

/** Rules, incidents, and the ways to tell people of them. */
export function alertParts({ config, store, tls, book, log }: AlertSources): Alerts {
  return createAlerts({
    store: store.alerts,
    leases: store.sweeper,
    owner: config.owner,
    book,
    local: async () => ({
      ...(await factsOf(config, tls)),
      backups: backupsOf(await store.database.facts(), new Date()),
    }),
    channels: channelsOf(config, log),
    publicUrl: config.publicUrl,
    everyMs: config.alerts.everySeconds * 1_000,
    problem: log.problem('alerts'),
  });
}

const WEBHOOK_CONNECTIONS = { connections: 1, timeoutMs: 5_000 } as const;

function channelsOf(config: Config, log: AlertSources['log']): readonly NoticeChannel[] {
  const { to, webhook } = config.alerts;
  const mailer = mailerOf(config);
  const agent = () => outboundAgent({ ...WEBHOOK_CONNECTIONS, ...outboundRule(config, log) });
  return [
    ...(mailer && to.length > 0 ? [mailChannel(mailer, to)] : []),
    ...(webhook === null ? [] : [webhookChannel(webhook, agent())]),
  ];
}

/** Null: no mail server is set. */
export function mailerOf({ alerts: { smtpUrl, from } }: Pick<Config, 'alerts'>): Mailer | null {
  return smtpUrl === null || from === null ? null : createMailer(smtpUrl, from);
}

async function factsOf(config: Config, tls: TlsFiles | null): Promise<Pick<Facts, 'certificates' | 'disks'>> {
  const certificates = tls ? certificateDays(tls) : [];
  const disks = await disksOf(config);
  return {
    certificates: certificates.map(({ labels, value }) => ({ name: labels['certificate'] ?? '', days: value })),
    disks: disks.map(({ place, free, size }) => ({
      name: `${config.owner} ${place}`,
      freePercent: (100 * free) / size,
    })),
  };
}
