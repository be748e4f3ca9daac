import type { AcceptRecord } from './acceptance/accept.js';
import { createFollow } from './exchange/follow.js';
import { createKeepAnswer } from './exchange/keep-answer.js';
import { createSoapPolling } from './exchange/soap-polling.js';
import { createTakeAnswer } from './exchange/take-answer.js';
import { createTaken } from './exchange/taken.js';
import { createWaitForAnswer } from './exchange/wait.js';
import { createWriteAnswer } from './exchange/write-answer.js';
import type { Arrival } from './message/stages.js';
import type { Protocol } from './protocol/protocol.js';
import type { Sources } from './queries.js';

/** What is answered later: the answer taken, kept, written, waited for and followed. */
export function exchangeParts(
  { config, written, codecs, store, source, log, stopSignal }: Sources,
  accept: AcceptRecord,
  protocols: Readonly<Record<Arrival['binding'], Protocol>>,
) {
  const { exchanges, trace, feed } = store;
  const registry = () => source.current();
  const { mediator } = written;
  const problem = log.problem('exchange');
  const writeAnswer = createWriteAnswer({ ...written, protocols: codecs });
  const keep = createKeepAnswer(accept, registry);
  const takeAnswer = createTakeAnswer({ exchanges, keep, codecs, registry });
  const wait = createWaitForAnswer({ exchanges, feed, problem });
  const answers = { exchanges, writeAnswer, trace, publicUrl: config.publicUrl };
  const taken = createTaken({ ...answers, protocols, mediator, wait, problem, stopSignal });
  const follow = createFollow(answers);
  const polling = createSoapPolling({ exchanges, trace, follow, codec: codecs.soap, mediator, problem });
  return { exchanges, writeAnswer, keep, takeAnswer, taken, follow, polling };
}
