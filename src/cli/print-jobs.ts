export interface Job {
  readonly id: string;
  readonly action: string;
  readonly state: string;
  readonly operator: string;
  readonly reason: string;
  readonly rate: number;
  readonly total: number;
  readonly done: number;
  readonly skipped: number;
  readonly failed: number;
  readonly waiting: number;
}

export interface Item {
  readonly n: number;
  readonly messageId: string;
  readonly deliveryId: string;
  readonly receiver: string | null;
  readonly result: string;
  readonly why: string | null;
  readonly state: string | null;
}

export interface Preview {
  readonly order: { readonly action: string; readonly rate: number };
  readonly total: number;
  readonly more: boolean;
  readonly states: Readonly<Record<string, number>>;
  readonly confirm: string | null;
  readonly samples: readonly {
    readonly messageId: string;
    readonly receiver: string;
    readonly service: string;
    readonly state: string;
    readonly fault: string | null;
  }[];
}

export interface DeadLetters {
  readonly from: string;
  readonly to: string;
  readonly counted: number;
  readonly more: boolean;
  readonly groups: readonly {
    readonly cause: {
      readonly code: string;
      readonly blame: string;
      readonly retryable: boolean;
      readonly remedy: string;
    } | null;
    readonly receiver: string;
    readonly system: string;
    readonly service: string;
    readonly count: number;
    readonly retried: number;
    readonly oldest: string;
    readonly newest: string;
    readonly example: string;
  }[];
}

/** `019a... RUNNING retry 512 of 2000 (3 skipped, 0 failed) 50/s by anna: it is back` */
export function printJob({ id, state, action, total, done, skipped, failed, rate, operator, reason }: Job): string {
  return `${id}  ${state} ${action} ${done} of ${total} (${skipped} skipped, ${failed} failed) ${rate}/s by ${operator}: ${reason}`;
}

export function printItem({ n, messageId, receiver, result, why, state }: Item): string {
  return [String(n), messageId, receiver ?? '', result, `now ${state ?? 'gone'}`, why ?? ''].filter(Boolean).join('  ');
}

export function printPreview({ order, total, more, states, confirm, samples }: Preview): string {
  const counts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return [
    `${order.action}: ${more ? 'more than ' : ''}${total}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}, ${order.rate}/s`,
    ...(more ? ['  too many for one job: name a receiver, a cause or a shorter time'] : []),
    ...samples.map((one) =>
      `  ${one.messageId}  ${one.receiver}  ${one.service}  ${one.state}  ${one.fault ?? ''}`.trimEnd(),
    ),
    ...(confirm === null ? [] : [`  to send again what was delivered: --again --confirm '${confirm}'`]),
  ].join('\n');
}

/** A group in three lines; the last one is the command that looks at a job over it. */
export function printDeadLetters({ from, to, counted, more, groups }: DeadLetters): string {
  const head = `${more ? 'more than ' : ''}${counted} failed or expired, ${from} to ${to}`;
  const each = groups.map(({ cause, system, service, count, retried, oldest, newest, example }) => {
    const again = retried > 0 ? `, ${retried} sent anew before` : '';
    const filter = `--receiver ${system} --service ${service}${cause ? ` --fault ${cause.code}` : ''}`;
    return [
      `${String(count).padStart(7)}  ${cause?.code ?? 'no cause'}  ${system}  ${service}  ${oldest} .. ${newest}${again}`,
      ...(cause
        ? [`         ${cause.blame} must act${cause.retryable ? '; may succeed later' : ''}: ${cause.remedy}`]
        : []),
      `         crocevia status ${example}; crocevia replay --preview ${filter}`,
    ].join('\n');
  });
  const none = groups.length > 0 ? [] : ['  what waits for a system that is away has not failed: crocevia queues'];
  return [head, ...each, ...none].join('\n');
}
