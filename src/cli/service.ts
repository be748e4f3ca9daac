import { basename } from 'node:path';
import { Argument, Command } from 'commander';
import { RegistryError } from '../registry/registry.js';
import { call, CommandError, query, type Connection } from './client.js';
import { readNamed, serviceBundle } from './directory.js';
import { printPublished, printVerdict, type Published, type Verdict } from './print-service.js';
import { printProblems, refusal } from './print-registry.js';
import { mediaType } from './send.js';

interface Parts {
  /** Of an operator. */
  readonly connection: () => Connection;
  readonly print: (text: string) => void;
}

interface PublishOptions {
  readonly id?: string;
  readonly serviceVersion?: string;
  readonly title?: string;
  readonly owner?: string;
  readonly thenPublish?: boolean;
}

interface ValidateOptions {
  readonly contentType?: string;
  readonly soapAction?: string;
  readonly consumer?: string;
  readonly provider?: string;
  readonly path?: string;
  readonly method?: string;
}

const STEPS = { publish: 'published', deprecate: 'deprecated', retire: 'retired' } as const;
type Step = keyof typeof STEPS;

/** `crocevia service ...` */
export function serviceCommand(parts: Parts): Command {
  const command = new Command('service').description(
    'publish the interface of a service and try messages on it (operators)',
  );
  command
    .command('publish <dir|zip>')
    .description('send the interface as a new version; shows what was read in it and what it breaks')
    .option('--id <id>', 'where the bundle has no service.yaml at its root')
    .option('--service-version <n>', 'the same')
    .option('--title <text>', 'the same')
    .option('--owner <ipa>', 'the body whose operators publish it')
    .option('--then-publish', 'open the version to messages at once, as `status ... publish` does')
    .action((source: string, options: PublishOptions) => publish(source, options, parts));
  command
    .command('status')
    .description('move a version on')
    .argument('<id>')
    .argument('<version>')
    .addArgument(new Argument('<step>').choices(Object.keys(STEPS)))
    .option('--sunset <date>', 'when a deprecated version ends, ISO 8601')
    .action((id: string, version: string, step: Step, { sunset }: { sunset?: string }) =>
      move(id, version, step, sunset, parts),
    );
  command
    .command('validate <id> <version> <file>')
    .description(
      'say what the gateway would answer to a message, which is not sent; exits with 1 where it would refuse it',
    )
    .option('--content-type <media type>', 'guessed from the file')
    .option('--soap-action <uri>')
    .option('--consumer <ipa>', 'the body that would send it')
    .option('--provider <ipa>', 'the body that would receive it')
    .option('--path <path>', 'over REST: below the service, /notifiche; default: of its first operation')
    .option('--method <method>', 'over REST')
    .action((id: string, version: string, file: string, options: ValidateOptions) =>
      validate(`${addressOf(id, version)}/validate`, file, options, parts),
    );
  return command;
}

async function publish(source: string, options: PublishOptions, parts: Parts): Promise<void> {
  const body = await bundleOf(source);
  const { id, serviceVersion: version, title, owner } = options;
  const headers = { 'content-type': 'application/zip' };
  const path = `/admin/services${query({ id, version, title, owner })}`;
  const { status, text } = await call(parts.connection(), 'POST', path, { body, headers });
  if (status >= 300) throw refusal(status, text);
  const published = JSON.parse(text) as Published;
  parts.print(printPublished(published));
  const [, name, number] = /^service (.+) v(\d+)$/.exec(published.key) ?? [];
  if (options.thenPublish && name && number) await move(name, number, 'publish', undefined, parts);
}

/** Throws CommandError with every problem. */
async function bundleOf(source: string): Promise<Buffer> {
  try {
    return await serviceBundle(source);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    const named = error.problems.map((one) => ({ ...one, file: one.file || basename(source) }));
    throw new CommandError(`${source} was not sent:\n${printProblems(named)}`);
  }
}

const addressOf = (id: string, version: string) =>
  `/admin/services/${encodeURIComponent(id)}/versions/${encodeURIComponent(version.replace(/^v/, ''))}`;

async function move(id: string, version: string, step: Step, sunset: string | undefined, parts: Parts): Promise<void> {
  if (sunset !== undefined && step !== 'deprecate') throw new CommandError('--sunset goes with deprecate only');
  const path = `${addressOf(id, version)}/${step}${query({ sunset: sunset === undefined ? undefined : isoDate(sunset) })}`;
  const { status, text } = await call(parts.connection(), 'POST', path);
  if (status >= 300) throw refusal(status, text);
  const end = endOf(text);
  const until = end === undefined ? '' : `, until ${end}`;
  parts.print(`service ${id} v${version.replace(/^v/, '')} is ${STEPS[step]}${step === 'deprecate' ? until : ''}`);
}

/** When the version that was moved ends. */
const endOf = (text: string) =>
  (JSON.parse(text) as { readonly document: { readonly sunset?: string } }).document.sunset;

function isoDate(text: string): string {
  const date = new Date(text);
  if (!/^\d{4}-/.test(text) || Number.isNaN(date.getTime()))
    throw new CommandError(`--sunset ${text} is no date: write 2027-01-31 or 2027-01-31T00:00:00Z`);
  return date.toISOString();
}

async function validate(path: string, file: string, options: ValidateOptions, parts: Parts): Promise<void> {
  const body = await readNamed(file);
  if (body === null) throw new CommandError(`${file} is a directory: name the file of one message`);
  const { contentType, soapAction, ...parties } = options;
  const headers = {
    'content-type': contentType ?? mediaType(file, body, isEnvelope(body) ? '/soap/' : '/rest/'),
    ...(soapAction !== undefined && { soapaction: `"${soapAction}"` }),
  };
  const send = { body, headers };
  const { status, text } = await call(parts.connection(), 'POST', `${path}${query({ ...parties })}`, send);
  if (status >= 300) throw refusal(status, text);
  const verdict = JSON.parse(text) as Verdict;
  parts.print(printVerdict(verdict));
  process.exitCode = verdict.wouldBe === 'accepted' ? 0 : 1;
}

const isEnvelope = (body: Buffer) =>
  body.includes('http://schemas.xmlsoap.org/soap/envelope/') ||
  body.includes('http://www.w3.org/2003/05/soap-envelope');
