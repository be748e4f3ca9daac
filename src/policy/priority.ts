import { Fault } from '../message/fault.js';
import type { Agreement, Operation } from '../registry/model.js';

/** As JMS and AMQP have it: 0 to 9, the highest first. */
const USUAL = 4;

/** Of a message: what X-Priority asks for, else the operation's; never more than the agreement allows. Throws parameter-wrong. */
export function priorityOf(
  headers: Readonly<Record<string, string>>,
  { priority: own = USUAL }: Pick<Operation, 'priority'>,
  { maxPriority }: Pick<Agreement, 'maxPriority'>,
): number {
  const asked = headers['x-priority']?.trim() || null;
  if (asked !== null && !/^\d$/.test(asked))
    throw new Fault('parameter-wrong', {
      detail: 'The priority is not valid.',
      place: 'X-Priority',
      expected: 'a digit, 0 to 9, the highest first',
    });
  return Math.min(asked === null ? own : Number(asked), maxPriority ?? own);
}
