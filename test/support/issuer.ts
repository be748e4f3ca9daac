import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Browser } from './browser.js';
import { freePort } from './ports.js';

export const CLIENT = { id: 'crocevia', secret: 'secret-of-the-client-at-the-issuer' };

/** An issuer of OpenID Connect in a process of its own, at which somebody is logged in without being asked. */
export interface Issuer {
  readonly url: string;
  /** PEM by which the client `crocevia-key` proves itself. */
  readonly clientKey: string;
  /** Who is logged in from now on: its claims. */
  be(account: { readonly sub: string; readonly [claim: string]: unknown }): Promise<void>;
  /** Answers nothing any more, but takes connections. */
  silence(): Promise<void>;
  stop(): Promise<void>;
}

export async function startIssuer(gateway: string): Promise<Issuer> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = fork('test/support/issuer-process.mjs', [url, gateway], { execArgv: [], stdio: 'ignore' });
  const [{ clientKey }] = (await once(child, 'message')) as [{ clientKey: string }];
  const tell = async (what: object) => {
    const done = once(child, 'message');
    child.send(what);
    await done;
  };
  return {
    url,
    clientKey,
    be: (account) => tell({ account }),
    silence: () => tell({ silent: true }),
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

/** Follows the issuer until it sends the browser away; returns where to. */
export async function throughIssuer(at: Browser, address: string, issuer: string): Promise<string> {
  let next = address;
  while (next.startsWith(issuer)) {
    const { status, headers, text } = await at.ask(next);
    if (typeof headers['location'] !== 'string') throw new Error(`the issuer stays with ${status}: ${text}`);
    next = new URL(headers['location'], issuer).href;
  }
  return next;
}
