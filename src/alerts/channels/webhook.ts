import { exchange } from '../../delivery/http-exchange.js';
import type { outboundAgent } from '../../outbound/agent.js';
import type { News, NoticeChannel } from '../ports.js';

const LIMITS = { timeoutMs: 10_000, maxBytes: 4_096, longer: 'cut' } as const;

/** POST of JSON: `{ subject, text, incidents }`; anything but 2xx is a failure. Addresses are judged like those of systems. */
export function webhookChannel(url: string, agent: ReturnType<typeof outboundAgent>): NoticeChannel {
  return {
    name: 'webhook',
    send: async ({ subject, text, news }) => {
      const body = Buffer.from(JSON.stringify({ subject, text, incidents: news.map(shown) }));
      const headers = { 'content-type': 'application/json', 'user-agent': 'crocevia' };
      const { status } = await exchange(agent, { method: 'POST', url, headers, body, receiver: 'webhook', ...LIMITS });
      if (status < 200 || status >= 300) throw new Error(`The webhook answered ${status}.`);
    },
    close: () => agent.close(),
  };
}

const shown = ({ incident, what }: News) => ({ ...incident, state: what === 'resolved' ? what : incident.state });
