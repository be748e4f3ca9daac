import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { FILE_FORMATS } from '../reports/formats.js';
import { REPORT_KEYS, REPORT_KINDS } from '../reports/reports.js';
import { RHYTHMS, type ReportSchedule } from '../reports/schedule.js';
import { wrong } from './query-values.js';
import { closed, listOf, orNull, ref, string, time, uuid } from './schema-parts.js';

const ORDER = {
  kind: { type: 'string', enum: [...REPORT_KINDS] },
  by: { type: 'string', enum: [...REPORT_KEYS] },
  format: { type: 'string', enum: [...FILE_FORMATS] },
  every: {
    type: 'string',
    enum: [...RHYTHMS],
    description: 'sent at 5:00 UTC: each day, on Mondays, on the first of the month',
  },
  to: {
    ...listOf({ type: 'string', format: 'email', maxLength: 254 }),
    minItems: 1,
    maxItems: 10,
    uniqueItems: true,
    description: 'mail addresses',
  },
};

/** JSON Schema of reports that are sent by mail. */
export const REPORT_SCHEMAS = {
  ReportScheduleBody: closed(ORDER),
  ReportSchedule: closed({
    id: uuid,
    ...ORDER,
    owner: { ...string, description: 'id of the operator whose scope it has' },
    nextAt: time,
    sentAt: orNull(time),
    error: { ...orNull(string), description: 'why the last try failed; it is tried again every quarter of an hour' },
  }),
  ReportSchedules: closed({ items: listOf(ref('ReportSchedule')) }),
};

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isOrder = ajv.compile(REPORT_SCHEMAS.ReportScheduleBody);

/** Throws parameter-wrong. */
export function scheduleIn(body: unknown): Pick<ReportSchedule, 'kind' | 'by' | 'format' | 'every' | 'to'> {
  if (isOrder(body)) return body as ReturnType<typeof scheduleIn>;
  const { instancePath, params, message = '' } = isOrder.errors![0]!;
  const missing: unknown = params['missingProperty'] ?? params['additionalProperty'];
  throw wrong(typeof missing === 'string' ? missing : instancePath.slice(1) || 'body', message);
}
