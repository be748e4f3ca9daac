import { createTransport } from 'nodemailer';

export interface Mail {
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  /** Message-ID (RFC 5322 §3.6.4) of a mail that may be sent twice; left out: a new one. */
  readonly id?: string;
  readonly attachment?: { readonly filename: string; readonly contentType: string; readonly content: Buffer };
}

/** Rejects where the server did not take the mail. */
export interface Mailer {
  send(mail: Mail): Promise<void>;
  close(): void;
}

const LIMITS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

/** `url`: smtp(s)://user:password@host:port. TLS by smtps or STARTTLS where the server offers it. */
export function createMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, ...LIMITS, disableFileAccess: true, disableUrlAccess: true });
  return {
    send: async ({ to, subject, text, id, attachment }) => {
      const attachments = attachment ? [attachment] : [];
      await transport.sendMail({ from, to: [...to], subject, text, attachments, ...(id && { messageId: id }) });
    },
    close: () => transport.close(),
  };
}
