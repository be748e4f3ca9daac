import type { FastifyInstance } from 'fastify';

/** Of every answer of the operators' API and of the console: kept nowhere, framed nowhere, run nowhere. A page or file of ours says where it differs. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** The redirects to the console are its own too. */
const OF_OPERATORS = /^\/((admin|console)(\/|$)|$)/;

const ONE_YEAR_S = 31_536_000;

/** `routeOptions` is what the router has found: an address that is written otherwise does not get past it. */
export function protectBrowsers(app: FastifyInstance, isTls: boolean): void {
  const headers = { ...HEADERS, ...(isTls && { 'strict-transport-security': `max-age=${ONE_YEAR_S}` }) };
  app.addHook('onRequest', async ({ is404, routeOptions }, reply) => {
    if (is404 || OF_OPERATORS.test(routeOptions.url ?? '')) reply.headers(headers);
  });
}
