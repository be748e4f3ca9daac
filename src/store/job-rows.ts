/** Columns of a job under the names of the port. */
export const JOB_COLUMNS = `id, action, filter, reason, operator, scope, rate, again, system, state, total, done, skipped,
  failed, created_at AS "createdAt", ended_at AS "endedAt", history`;
