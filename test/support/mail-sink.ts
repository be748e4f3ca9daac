import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { until } from './until.js';

/** A mail as the server was given it. */
export interface SunkMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
}

/** A real SMTP server that asks for a log-in and keeps what comes. */
export async function startMailSink() {
  const mails: SunkMail[] = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, done) =>
      username === 'crocevia' && password === 'segreto'
        ? done(null, { user: username })
        : done(new Error('wrong password')),
    onData: (stream, { envelope }, done) => {
      void text(stream).then((raw) => {
        mails.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: envelope.rcptTo.map(({ address }) => address),
          subject: /^Subject: (.*(?:\r\n .*)*)$/m.exec(raw)?.[1]?.replaceAll(/\r\n /g, ' ') ?? '',
          text: raw.slice(raw.indexOf('\r\n\r\n') + 4).replaceAll('=\r\n', ''),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://crocevia:segreto@127.0.0.1:${port}`,
    mails: mails as readonly SunkMail[],
    next: async (match: (mail: SunkMail) => boolean): Promise<SunkMail> => {
      await until(() => mails.some(match));
      return mails.find(match)!;
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type MailSink = Awaited<ReturnType<typeof startMailSink>>;
