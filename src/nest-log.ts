import type { LoggerService } from '@nestjs/common';
import type { GatewayLog } from './trace/log.js';

/**
 * What Nest itself has to say, as lines of the gateway's own log. Its errors are of the rim (control events, operators'
 * API), so nobody must act at once: they are warnings. Objects are told by their message alone, for one may hold an
 * address with its password.
 */
export function nestLog({ logger }: Pick<GatewayLog, 'logger'>): LoggerService {
  const warn = (message: unknown, ...more: unknown[]) =>
    logger.warn({ what: `nest ${String(more.at(-1) ?? '')}`.trim(), reason: textOf(message) }, 'gateway.problem');
  const debug = (message: unknown) => logger.debug({ what: 'nest', reason: textOf(message) }, 'gateway.debug');
  return { fatal: warn, error: warn, warn, log: debug, debug, verbose: debug };
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  const inner = (message as { err?: unknown } | null)?.err ?? message;
  return inner instanceof Error ? inner.message : typeof inner;
}
