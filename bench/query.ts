/**
 * Measures queries beside direct calls and the bare pipeline of the same parts, 2 KiB of SOAP each way, in the same run: one
 * at a time, many at once, beside a dead provider, and many at once with the gateway as two processes. PARTS (alone,load,dead,split) chooses. A missed aim is told, and no failure.
 */
import { alone } from './query-alone.js';
import { besideDead } from './query-dead.js';
import { underLoad } from './query-load.js';
import { setStage, warmUp, type Addresses } from './query-stage.js';

/** `split` comes last: from then on the gateway is two processes. */
const PARTS: Readonly<Record<string, (at: Addresses) => Promise<void>>> = {
  alone,
  load: underLoad,
  dead: besideDead,
  split: async (at) => {
    await split();
    await warmUp(at.gateway.sound, WARM_UP_SECONDS.gateway);
    await underLoad(at);
  },
};
const WARM_UP_SECONDS = { direct: 1, bare: 2, inProcess: 8, gateway: 30 };

const asked = process.env['PARTS']?.split(',') ?? Object.keys(PARTS);
const { at, endInProcess, split, stop } = await setStage();
try {
  await warmUp(at.direct, WARM_UP_SECONDS.direct);
  await warmUp(at.bare, WARM_UP_SECONDS.bare);
  await warmUp(at.inProcess, WARM_UP_SECONDS.inProcess);
  await warmUp(at.gateway.sound, WARM_UP_SECONDS.gateway);
  for (const part of asked) {
    if (part !== 'alone') await endInProcess();
    await PARTS[part]?.(at);
  }
} finally {
  await stop();
}
