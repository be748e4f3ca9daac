import { createHash } from 'node:crypto';
import { Fault } from '../message/fault.js';
import { textReplacer } from '../protocol/json/replace-text.js';
import type { Route, Validated } from './stages.js';

/**
 * The questions of a fan-out from its one request, whose payload may name the body that it was addressed to as its
 * receiver: each provider's own code is written in that place, and nothing else is touched. Throws fan-out-unsupported for
 * XML that names one.
 */
export function nameReceivers(validated: Validated): (route: Route) => Validated {
  const { content, examination, format, service } = validated;
  const to = ({ receiver }: Route) => ({ receivers: [receiver], clock: validated.clock.fork() });
  if (examination.extracted['receiver'] === undefined)
    return (route) => ({ ...validated, routes: [route], ...to(route) });
  const replace = format === 'json' ? textReplacer(content, service.receiverPath ?? '') : null;
  if (!replace) throw unsupported(service.receiverPath);
  return (route) => {
    const named = replace(route.receiver.participant);
    const digest = createHash('sha256').update(named).digest('hex');
    return { ...validated, routes: [route], ...to(route), content: named, examination: { ...examination, digest } };
  };
}

const unsupported = (place: string | null) =>
  new Fault('fan-out-unsupported', {
    detail: 'The payload names its receiver, which is another one in each question.',
    place: place ?? 'body',
    expected: 'application/json, in which each provider’s code is written',
  });
