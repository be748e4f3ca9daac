import type { Reading } from './config-reading.js';

/** How people are told of incidents. */
export interface AlertConfig {
  /** Null: no mail. */
  readonly smtpUrl: string | null;
  readonly from: string | null;
  readonly to: readonly string[];
  readonly webhook: string | null;
  readonly everySeconds: number;
}

export function readAlerts(reading: Reading): AlertConfig {
  const smtpUrl = reading.url('CROCEVIA_SMTP_URL', ['smtp', 'smtps']);
  const from = reading.text('CROCEVIA_ALERT_FROM');
  const to = (reading.text('CROCEVIA_ALERT_TO') ?? '').split(',').map((one) => one.trim());
  const addresses = to.filter((one) => one !== '');
  if (smtpUrl !== null && from === null) reading.refuse('CROCEVIA_ALERT_FROM', 'is missing beside CROCEVIA_SMTP_URL');
  if (smtpUrl !== null && addresses.length === 0)
    reading.refuse('CROCEVIA_ALERT_TO', 'is missing beside CROCEVIA_SMTP_URL');
  const webhook = reading.url('CROCEVIA_ALERT_WEBHOOK', ['http', 'https']);
  const everySeconds = reading.whole('CROCEVIA_ALERT_SECONDS', 30, 1, 3_600);
  return { smtpUrl, from, to: addresses, webhook, everySeconds };
}
