import { Controller, Get, Inject, Param, Query, Res, StreamableFile } from '@nestjs/common';
import {
  ApiBadRequestResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { FILE_FORMATS, WRITERS } from '../reports/formats.js';
import { REPORT_KEYS, REPORT_KINDS, type ReportQuery } from '../reports/reports.js';
import { problem, schemaOf } from './answers.js';
import { actorOf } from './job-order.js';
import { choice } from './parameters.js';
import type { ActingOperator } from './permissions.js';
import { ADMIN_PARTS, type AdminParts } from './ports.js';
import { oneOf, wrong } from './query-values.js';
import { CurrentOperator, Requires } from './requires.js';

const FORMATS = ['json', ...FILE_FORMATS] as const;
const XLSX = WRITERS.xlsx.mediaType;
const MOST_DAYS = 1_100;
const DAY_MS = 86_400_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const day = (name: string, description: string) =>
  ({ name, required: true, description, schema: { type: 'string', format: 'date' } }) as const;
const binary = { schema: { type: 'string', format: 'binary' } };
const ANSWER = {
  description: 'The report.',
  content: {
    'application/json': { schema: schemaOf('Report') },
    'text/csv': { schema: { type: 'string' } },
    [XLSX]: binary,
    'application/pdf': binary,
  },
};

type Asked = Readonly<Record<string, string | undefined>>;

/** Sums of days, which survive every purge: of bodies in the operator's scope. */
@ApiTags('reports')
@Controller('admin/reports')
export class ReportsController {
  constructor(@Inject(ADMIN_PARTS) private readonly parts: AdminParts) {}

  @Get(':kind')
  @Requires('statistics.read')
  @ApiOperation({ summary: 'A report over whole days of Rome, as JSON, CSV, XLSX or PDF' })
  @ApiParam({ name: 'kind', schema: { type: 'string', enum: [...REPORT_KINDS] } })
  @ApiQuery(day('from', 'first day'))
  @ApiQuery(day('to', `last day; at most ${MOST_DAYS} in all`))
  @ApiQuery({ ...choice('by', REPORT_KEYS), description: 'a line for each; default participant' })
  @ApiQuery({ ...choice('format', FORMATS), description: 'default json' })
  @ApiProduces('application/json', 'text/csv', XLSX, 'application/pdf')
  @ApiOkResponse(ANSWER)
  @ApiBadRequestResponse(problem('A parameter is wrong: `parameter-wrong`.'))
  async report(
    @Param('kind') kind: string,
    @Query() query: Asked,
    @CurrentOperator() operator: ActingOperator,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const asked = queryIn(kind, query);
    const format = oneOf('format', query['format'], FORMATS) ?? 'json';
    const table = await this.parts.report(asked, actorOf(operator).scope);
    if (format === 'json') return table;
    const { mediaType, write } = WRITERS[format];
    const name = `${asked.kind}-${asked.by}-${asked.from}-${asked.to}.${format}`;
    reply.headers({ 'content-disposition': `attachment; filename="${name}"`, 'x-content-type-options': 'nosniff' });
    return new StreamableFile(await write(table), { type: mediaType });
  }
}

/** Throws parameter-wrong. */
function queryIn(kind: string, query: Asked): ReportQuery {
  const [from, to] = [dayIn('from', query), dayIn('to', query)];
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  if (days < 1 || days > MOST_DAYS) throw wrong('to', `1 to ${MOST_DAYS} days from \`from\``);
  return {
    kind: oneOf('kind', kind, REPORT_KINDS)!,
    by: oneOf('by', query['by'], REPORT_KEYS) ?? 'participant',
    from,
    to,
  };
}

function dayIn(name: string, query: Asked): string {
  const text = query[name] ?? '';
  const at = DAY.test(text) ? new Date(text) : null;
  if (at && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)) return text;
  throw wrong(name, 'a day such as 2026-11-01');
}
