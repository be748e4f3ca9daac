import { setTimeout as pause } from 'node:timers/promises';
import { heldFor, type HeldMessage } from '../console.js';
import type { Fault, Scene } from '../fault.js';
import { SECURE, writeVersions } from '../world.js';

const FAULT = 'certificate-expired';
/** In which each receiver must have a message that waits for the renewal: three come in a second. */
const SEEN_MS = 10_000;

let over = 0;

/** Throws where nothing comes to be held for a receiver, or where what is held has burned an attempt. */
async function requireHeld({ nodes }: Scene, receiver: string): Promise<void> {
  let held: readonly HeldMessage[] = [];
  for (const end = Date.now() + SEEN_MS; held.length === 0 && Date.now() < end; await pause(250))
    held = await heldFor(nodes.url('g1'), receiver, FAULT);
  if (held.length === 0) throw new Error(`nothing is held for ${receiver}, whose certificate is over`);
  // One accepted before may have failed then.
  const burned = held.filter(({ acceptedAt, attempts }) => acceptedAt > over && attempts > 0);
  if (burned.length > 0) throw new Error(`${burned.length} of ${held.length} for ${receiver} have burned an attempt`);
}

export const certificate: Fault = {
  id: 'F20b',
  says: 'the certificate of two receivers is over; their messages are held, burn no attempt, and go on when it is renewed',
  limits: { accept: 1_000, deliver: 2_000 },
  harms: SECURE,
  begin: async ({ receivers }) => {
    receivers.expire();
    over = Date.now();
  },
  end: async (scene) => {
    const held = await Promise.allSettled(SECURE.map((receiver) => requireHeld(scene, receiver)));
    scene.receivers.renew();
    // What is held is looked at again when the registry changes, or after a quarter of an hour.
    await writeVersions(scene.registry, scene.receivers, [1]);
    for (const one of held) if (one.status === 'rejected') throw one.reason;
  },
};
