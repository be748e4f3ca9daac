import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes in array buffers that something still holds; what merely waits to be collected is not counted. */
export function liveBytes(): number {
  collect();
  return process.memoryUsage().arrayBuffers;
}
