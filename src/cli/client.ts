import { request } from 'undici';

/** Where the gateway is and how the caller proves who they are; from options or the environment of the command. */
export interface Connection {
  readonly url: string;
  /** `id.secret` of a system. */
  readonly apiKey?: string | undefined;
  /** Bearer token of an operator. */
  readonly token?: string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
}

/** Tells the user what to do instead of showing a stack. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly exitCode = 1,
  ) {
    super(message);
  }
}

/** Somebody answers, with a certificate that this process does not believe. */
export class UntrustedGateway extends CommandError {
  static readonly WAY_OUT = 'NODE_EXTRA_CA_CERTS with the PEM file of the authority that has issued it';

  constructor(
    url: string,
    /** OpenSSL's code. */
    readonly reason: string,
  ) {
    super(`The certificate of ${url} is not trusted here (${reason}).\n  expected: ${UntrustedGateway.WAY_OUT}`);
  }
}

const NOT_TRUSTED = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_)/;

/** One HTTP call to the gateway. Throws CommandError where nobody answers. */
export async function call(
  { url, apiKey, token }: Connection,
  method: 'GET' | 'POST',
  path: string,
  send: { readonly body?: Buffer | string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const headers = {
    ...(apiKey && { 'x-api-key': apiKey }),
    ...(token && { authorization: `Bearer ${token}` }),
    ...send.headers,
  };
  try {
    const reply = await request(`${url}${path}`, { method, headers, body: send.body ?? null });
    const bytes = Buffer.from(await reply.body.arrayBuffer());
    return { status: reply.statusCode, headers: reply.headers, text: bytes.toString('utf8'), bytes };
  } catch (error) {
    const { code = '' } = error as { code?: string };
    if (NOT_TRUSTED.test(code)) throw new UntrustedGateway(url, code);
    throw new CommandError(
      `No answer from ${url}: ${(error as Error).message}. Is the gateway running? (crocevia start)`,
    );
  }
}

/** The JSON of a 2xx answer; a refusal becomes a CommandError with its detail. */
export async function read<T>(connection: Connection, path: string): Promise<T> {
  const { status, text } = await call(connection, 'GET', path);
  if (status < 300) return JSON.parse(text) as T;
  throw new CommandError(explain(status, text));
}

/** `?a=b` of what is given; nothing where nothing is. */
export function query(values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}

export function explain(status: number, text: string): string {
  try {
    const { title, detail, message, expected } = JSON.parse(text) as Record<string, string | undefined>;
    return [`${status} ${title ?? ''}`.trim(), detail ?? message, expected && `expected: ${expected}`]
      .filter(Boolean)
      .join('\n  ');
  } catch {
    return `${status} ${text.slice(0, 500)}`;
  }
}
