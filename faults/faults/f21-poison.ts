import type { Fault } from '../fault.js';
import { RECEIVERS } from '../world.js';

const JUNK = ['junk', '\u0009\u0000\u0000\u0000', '{}'];

export const poison: Fault = {
  id: 'F21',
  says: 'messages that nobody can read lie in the queues',
  limits: { accept: 1_000, deliver: 2_000 },
  begin: async ({ servers, place }) => {
    for (const receiver of RECEIVERS.slice(0, 5)) {
      for (const payload of JUNK) {
        const message = {
          routing_key: `message.${receiver}.system`,
          payload,
          payload_encoding: 'string',
          properties: {},
        };
        await servers.manage('POST', `exchanges/${place.name}/crocevia.messages/publish`, message);
      }
    }
  },
  end: async () => undefined,
};
