import type { Fault } from '../fault.js';
import { RECEIVERS } from '../world.js';

const BEHAVIOURS = ['down', 'slow', 'failing', 'endless'] as const;
const bad = RECEIVERS.slice(0, BEHAVIOURS.length);

export const badReceivers: Fault = {
  id: 'F19',
  says: 'four receivers are down, slow, failing and without an end; the others see nothing of it',
  limits: { accept: 1_000, deliver: 2_000 },
  harms: bad,
  begin: async ({ receivers }) => bad.forEach((entity, n) => receivers.behave(entity, BEHAVIOURS[n]!)),
  end: async ({ receivers }) => bad.forEach((entity) => receivers.behave(entity, 'well')),
};
