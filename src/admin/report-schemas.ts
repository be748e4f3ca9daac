import { FILE_FORMATS } from '../reports/formats.js';
import { REPORT_KEYS, REPORT_KINDS } from '../reports/reports.js';
import { RHYTHMS, type ReportSchedule } from '../reports/schedule.js';
import { checked, compiled } from './checked.js';
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

const isOrder = compiled(REPORT_SCHEMAS.ReportScheduleBody);

type Ordered = Pick<ReportSchedule, 'kind' | 'by' | 'format' | 'every' | 'to'>;

/** Throws parameter-wrong. */
export const scheduleIn = (body: unknown): Ordered => checked<Ordered>(isOrder, body);
