import type { InterfaceChange } from '../compatibility/change.js';
import type { CheckedOperation, InterfaceReport } from '../registry/publish/interface-check.js';
import { printViolations } from './print.js';
import { printProblems } from './print-registry.js';

export interface Published {
  /** `service Nota v1`. */
  readonly key: string;
  readonly revision: number;
  readonly report: InterfaceReport;
  /** Against the newest published version; null where there is none, or a warning says why it was not compared. */
  readonly compatibility: readonly InterfaceChange[] | null;
}

/** What the gateway read in the bundle, what it warns of, and what the version means for those who call the one before. */
export function printPublished({ key, revision, report, compatibility }: Published): string {
  const { operations, problems, documents, unused } = report;
  return [
    `${key}, revision ${revision}: ${counted(documents.length, 'document')}, ${counted(operations.length, 'operation')}`,
    ...operations.map(printOperation),
    ...(problems.length === 0 ? [] : [printProblems(problems)]),
    ...(unused.length === 0 ? [] : [`not used: ${unused.join(', ')}`]),
    ...printCompatibility(compatibility),
  ].join('\n');
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

const CHECKED_BY = {
  xsd: 'xsd',
  'json-schema': 'json-schema',
  both: 'xsd and json-schema',
  parameters: 'its parameters',
} as const satisfies Record<CheckedOperation['input'], string>;

function printOperation({ name, profile, element, soapAction, rest, eventType, input }: CheckedOperation): string {
  const doors = [
    element && `element {${element.namespace}}${element.name}`,
    soapAction && `SOAPAction ${soapAction}`,
    rest && `${rest.method} ${rest.path}`,
    eventType && `event ${eventType}`,
  ].filter(Boolean);
  return [`  ${name}  ${profile}, checked by ${CHECKED_BY[input]}`, ...doors.map((door) => `      ${door}`)].join('\n');
}

function printCompatibility(changes: Published['compatibility']): readonly string[] {
  if (changes === null) return ['it was compared with no published version'];
  if (changes.length === 0) return ['no difference from the newest published version'];
  const breaking = changes.filter((one) => one.breaking).length;
  return [
    `${counted(changes.length, 'difference')} from the newest published version, ${breaking} of them BREAKING`,
    ...[...changes].sort((a, b) => Number(b.breaking) - Number(a.breaking)).map(printChange),
  ];
}

const printChange = ({ kind, breaking, operation, place, message }: InterfaceChange): string =>
  `  ${breaking ? 'BREAKING' : '        '} ${kind.padEnd(7)} ${operation ?? 'service'} ${place}: ${message}`;

export interface Verdict {
  readonly wouldBe: 'accepted' | 'refused';
  readonly operation: string | null;
  readonly agreement: { readonly id: string; readonly status: string } | null;
  readonly route?: readonly {
    readonly participant: string;
    readonly system: string;
    readonly channel: string | null;
  }[];
  readonly faults: readonly VerdictFault[];
}

interface VerdictFault {
  readonly code: string;
  readonly detail?: string;
  readonly place?: string | null;
  readonly expected?: string | null;
  readonly violations?: Parameters<typeof printViolations>[0];
}

/** Whether the message is taken, by which agreement, and where it goes; or everything that stands against it. */
export function printVerdict({ wouldBe, operation, agreement, route = [], faults }: Verdict): string {
  return [
    `would be ${wouldBe}`,
    `  operation  ${operation ?? 'not recognised'}`,
    `  agreement  ${agreement ? `${agreement.id} (${agreement.status})` : 'none'}`,
    ...route.map(
      ({ participant, system, channel }) => `  to         ${participant}, ${system}, ${channel ?? 'no way yet'}`,
    ),
    ...faults.flatMap(printFault),
  ].join('\n');
}

function printFault({ code, detail, place, expected, violations = [] }: VerdictFault): readonly string[] {
  return [
    `  ${code}${detail ? `: ${detail}` : ''}`,
    ...(place ? [`      at ${place}`] : []),
    ...(expected ? [`      expected: ${expected}`] : []),
    ...printViolations(violations),
  ];
}
