import { createTransport } from 'nodemailer';
import type { NoticeChannel } from '../ports.js';

/** `url`: smtp(s)://user:password@host:port. TLS by smtps or STARTTLS where the server offers it. */
export function mailChannel(url: string, from: string, to: readonly string[]): NoticeChannel {
  const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
  const transport = createTransport({ url, ...limits, disableFileAccess: true, disableUrlAccess: true });
  return {
    name: 'mail',
    send: async ({ subject, text }) => void (await transport.sendMail({ from, to: [...to], subject, text })),
    close: async () => transport.close(),
  };
}
