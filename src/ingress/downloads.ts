import type { ServerResponse } from 'node:http';
import { Fault } from '../message/fault.js';

/** Of one system at once, on this node: each that is not read holds 1 to 3 MiB. */
const MOST = 32;

/** How many contents each system is downloading. */
export class Downloads {
  private readonly running = new Map<string, number>();

  /** Takes a place until the answer is closed. Throws rate-limited. */
  enter(system: string, answer: Pick<ServerResponse, 'once'>): void {
    const before = this.running.get(system) ?? 0;
    if (before >= MOST) throw tooMany();
    this.running.set(system, before + 1);
    answer.once('close', () => this.leave(system));
  }

  private leave(system: string): void {
    const left = (this.running.get(system) ?? 0) - 1;
    if (left > 0) this.running.set(system, left);
    else this.running.delete(system);
  }
}

const tooMany = () =>
  new Fault('rate-limited', {
    detail: 'Too many downloads of this system are not read to their end yet.',
    place: 'downloads at once',
    expected: `at most ${MOST} downloads at once`,
    retryAfterSeconds: 5,
  });
