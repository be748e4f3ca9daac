import { ArgumentsHost, Catch, ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FaultCode } from '../message/fault-catalogue.js';
import { Fault, faultFrom } from '../message/fault.js';
import { RegistryError } from '../registry/registry.js';

/** Why the framework could not read a body. */
const UNREADABLE: Readonly<Record<number, FaultCode>> = {
  400: 'not-well-formed',
  413: 'too-large',
  415: 'media-type-unsupported',
};

/** Every refusal of the operators' API, and of an address that nobody serves, is problem+json (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly unexpected: (error: unknown) => void) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const { url, headers } = http.getRequest<FastifyRequest>();
    const language = languageOf(headers['accept-language']);
    const problem = this.problemOf(error, url, language);
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="crocevia operators"');
    const { retryAfterSeconds } = error instanceof Fault ? error.info : {};
    if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds));
    void reply.headers({ 'content-language': language, vary: 'Accept-Language' });
    void reply.status(problem.status).header('content-type', 'application/problem+json; charset=utf-8').send(problem);
  }

  private problemOf(error: unknown, url: string, language: Language) {
    if (error instanceof HttpException && error.getStatus() === 404 && /^Cannot /.test(error.message))
      return fromFault(unknownAddress(url), language);
    const code = error instanceof HttpException ? UNREADABLE[error.getStatus()] : undefined;
    if (code) return fromFault(new Fault(code, { detail: (error as HttpException).message, place: 'body' }), language);
    if (error instanceof HttpException) return fromException(error);
    if (error instanceof RegistryError)
      return { ...fromFault(registryRefused(error), language), problems: error.problems };
    const fault = faultFrom(error);
    if (fault.code === 'internal') this.unexpected(error);
    return fromFault(fault, language);
  }
}

type Language = 'it' | 'en';

/** Commands, which say nothing, are written in English. */
const languageOf = (accepted: string | undefined): Language => (/^\s*it\b/i.test(accepted ?? '') ? 'it' : 'en');

const registryRefused = ({ problems }: RegistryError) =>
  new Fault('registry-refused', {
    detail: `${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}; the first: ${problems[0]?.message.replace(/\.$/, '')}.`,
    ...(problems[0] && { place: `${problems[0].file}:${problems[0].line}`, expected: problems[0].hint }),
  });

const unknownAddress = (url: string) =>
  new Fault('route-unknown', {
    detail: `Nothing is served at "${(url.split('?', 1)[0] ?? '').slice(0, 200)}".`,
    place: 'address',
  });

function fromFault({ code, kind, info }: Fault, language: Language) {
  return {
    type: `/problems/${code}`,
    title: kind[language],
    status: kind.http ?? 422,
    detail: info.detail,
    code,
    blame: kind.blame,
    retryable: kind.retryable,
    ...(info.place !== undefined && { place: info.place }),
    ...(info.expected !== undefined && { expected: info.expected }),
  };
}

function fromException(error: HttpException) {
  const answer = error.getResponse();
  const members = typeof answer === 'object' ? answer : {};
  const { message = error.message, ...rest } = members as Record<string, unknown>;
  return {
    type: 'about:blank',
    title: error.name.replace(/Exception$/, ''),
    status: error.getStatus(),
    detail: message,
    ...rest,
  };
}
