import type { Mailer } from '../../outbound/mail.js';
import type { NoticeChannel } from '../ports.js';

export function mailChannel(mailer: Mailer, to: readonly string[]): NoticeChannel {
  return {
    name: 'mail',
    send: ({ subject, text }) => mailer.send({ to, subject, text }),
    close: async () => mailer.close(),
  };
}
