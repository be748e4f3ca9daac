import type { Fault } from '../fault.js';

const REPLAYED = 100;

export const replays: Fault = {
  id: 'F23',
  says: 'messages that were accepted before are sent again, to all gateways at once',
  limits: { accept: 1_000, deliver: 2_000 },
  begin: ({ senders }) => senders.replay(REPLAYED),
  end: async () => undefined,
};
