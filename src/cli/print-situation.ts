export interface Attention {
  readonly kind: string;
  readonly severity: string;
  readonly entity: string | null;
  readonly system: string | null;
  readonly count: number;
  readonly since: string | null;
  readonly about: string | null;
}

export interface Queue {
  readonly system: string;
  readonly state: string;
  readonly circuitUntil: string | null;
  readonly depth: number;
  readonly oldestAt: string | null;
  readonly dead: number;
}

/** What each kind says, and the command that goes on from there. */
const WORDS: Readonly<Record<string, (one: Attention) => string>> = {
  'flow-down': ({ system }) => `gives no answer and is spared; crocevia queues ${system}`,
  'queue-growing': ({ count, system }) => `${count} wait, and more come than go; crocevia queues ${system}`,
  'oldest-waiting': ({ count, system }) => `${count} wait, the oldest for long; crocevia queues ${system}`,
  'dead-letters': ({ count, system }) => `${count} failed or expired; crocevia dead-letters --receiver ${system}`,
  'validation-failures': ({ count, about }) => `${count} refused for their content: ${about}`,
  refusals: ({ count, about }) => `${count} refused: ${about}`,
  'certificate-expiring': ({ count, about }) => `the certificate ${about} ends in ${count} days`,
  'credential-expiring': ({ count, about }) => `a credential (${about}) ends in ${count} days`,
  'silent-partner': ({ count, about }) => `has sent nothing for ${count} days: ${about}`,
  'held-back': ({ about, system }) =>
    about === null ? `is paused; crocevia resume ${system}` : `${about} is held back`,
};

/** `critical  regione.anagrafe  gives no answer and is spared; crocevia queues regione.anagrafe` */
export function printAttention(one: Attention): string {
  const { kind, severity, system, entity, count, since } = one;
  const said = WORDS[kind]?.(one) ?? `${kind}: ${count}`;
  const moment = since === null || kind.endsWith('-expiring') ? '' : `  since ${since}`;
  return `${severity.padEnd(8)}  ${system ?? entity ?? 'the gateway'}  ${said}${moment}`;
}

/** `regione.anagrafe  8 wait, the oldest since 2026-...  circuit-open, tried again at 2026-...` */
export function printQueue({ system, state, circuitUntil, depth, oldestAt, dead }: Queue): string {
  const oldest = oldestAt === null ? '' : `, the oldest since ${oldestAt}`;
  const letters = dead === 0 ? '' : `  ${dead} dead letters`;
  const again = circuitUntil === null ? '' : `, tried again at ${circuitUntil}`;
  return `${system}  ${depth} wait${oldest}  ${state}${again}${letters}`;
}
