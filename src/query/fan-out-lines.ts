import { isUtf8 } from 'node:buffer';
import type { Reply } from '../message/stages.js';
import { formatOf, parseMediaType } from '../protocol/mime/media-type.js';

/** What came of the question to one provider. */
export interface Told {
  readonly provider: string;
  readonly outcome: 'answered' | 'failed';
  /** Of the provider; for what failed the refusal that a consumer would have got, as problem+json. */
  readonly reply: Reply;
  readonly ms: number;
}

export interface Totals {
  readonly answered: number;
  readonly failed: number;
  readonly ms: number;
}

interface Opening {
  readonly providers: number;
  readonly correlationId: string;
  readonly deadline: Date;
}

/** The first line: how many will follow. */
export const openingLine = ({ providers, correlationId, deadline }: Opening): Buffer =>
  line({ outcome: 'asking', providers, correlationId, deadline: deadline.toISOString() });

/** The last line: without it the stream was cut short. */
export const closingLine = ({ answered, failed, ms }: Totals): Buffer =>
  line({ outcome: 'complete', asked: answered + failed, answered, failed, ms });

/** The line of one provider. JSON stands in it as it came, but for line breaks between its tokens. */
export function providerLine({ provider, outcome, reply, ms }: Told): Buffer {
  const { status, headers } = reply;
  const body = Buffer.from(reply.body);
  const facts = { provider, outcome, status, id: headers['x-gateway-id'] ?? null, ms };
  if (outcome === 'failed') return withMember(facts, 'fault', body);
  const told = { ...facts, contentType: headers['content-type'] ?? null };
  if (body.length === 0) return line(told);
  if (isJson(reply)) return withMember(told, 'body', body);
  const isText = isUtf8(body) && !body.includes(0);
  return line({ ...told, body: body.toString(isText ? 'utf8' : 'base64'), ...(!isText && { encoding: 'base64' }) });
}

const line = (value: object) => Buffer.from(`${JSON.stringify(value)}\n`);

/** What is said to be JSON was read as such, unless it is a part (206). */
const isJson = ({ status, headers }: Reply) =>
  status !== 206 && formatOf(parseMediaType(headers['content-type'])) === 'json';

function withMember(facts: object, name: string, json: Buffer): Buffer {
  const head = JSON.stringify(facts).slice(0, -1);
  return Buffer.concat([Buffer.from(`${head},"${name}":`), onOneLine(json), Buffer.from('}\n')]);
}

/** In a string a line break is always escaped (RFC 8259 §7): one that is not stands between tokens. */
function onOneLine(json: Buffer): Buffer {
  for (const lineBreak of [0x0a, 0x0d])
    for (let at = json.indexOf(lineBreak); at >= 0; at = json.indexOf(lineBreak, at + 1)) json[at] = 0x20;
  return json;
}
