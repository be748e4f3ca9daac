import { Fault } from '../message/fault.js';

/** Seconds after which a store that is away is worth another try. */
const RETRY_AFTER_SECONDS = 5;

/** SQLSTATE classes (PostgreSQL 15, appendix A): connection, resources such as a full disk, intervention, system. */
const AWAY_CLASSES = ['08', '53', '57', '58'];
/** Read-only (a standby took over), lock timeout, idle-in-transaction timeout. */
const AWAY_STATES = ['25006', '55P03', '25P03'];
const AWAY_MESSAGES = [
  'Connection terminated',
  'Client has encountered a connection error',
  'timeout exceeded when trying to connect',
  'timeout expired',
  'Query read timeout',
  'Cannot use a pool after calling end',
];

interface DatabaseError {
  readonly code?: string;
  readonly message: string;
  readonly severity?: string;
  readonly driverError?: Omit<DatabaseError, 'driverError'>;
}

/** Serialization failure and deadlock: the same statement may well pass when it is run again. */
export function isConflict(error: unknown): boolean {
  const state = origin(error).code;
  return state === '40001' || state === '40P01';
}

/** True where a table that the statement names is not there. */
export const isTableMissing = (error: unknown): boolean => origin(error).code === '42P01';

/** True where the database cannot be reached or cannot write, whatever the data. */
export function isAway(error: unknown): boolean {
  const { code = '', message, severity = '' } = origin(error);
  // It ends the session, and says nothing of the data: "could not write init file" of a full disk is XX000.
  if (/^E[A-Z]+$/.test(code) || severity === 'FATAL' || severity === 'PANIC') return true;
  if (/^[0-9A-Z]{5}$/.test(code)) return AWAY_CLASSES.includes(code.slice(0, 2)) || AWAY_STATES.includes(code);
  return AWAY_MESSAGES.some((text) => message.startsWith(text));
}

/** True where the connection broke, or its server cannot be written to any more: whether a commit took place is not known. */
export function isLost(error: unknown): boolean {
  const { code = '', message } = origin(error);
  if (/^[0-9A-Z]{5}$/.test(code)) return code.startsWith('08') || code.startsWith('57P') || code === '25006';
  return /^E[A-Z]+$/.test(code) || message.startsWith('Connection terminated');
}

/** Fault store-unavailable where the database is away, else internal. */
export function storeFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (isAway(error) || isConflict(error)) {
    return new Fault('store-unavailable', {
      detail: 'The ledger cannot be written or read at the moment.',
      retryAfterSeconds: RETRY_AFTER_SECONDS,
      cause: error,
    });
  }
  return new Fault('internal', { detail: 'The ledger cannot store this message.', cause: error });
}

/** TypeORM wraps what the driver threw. Whatever it is, only its code and message are looked at. */
function origin(error: unknown): DatabaseError {
  const seen = (typeof error === 'object' && error !== null ? error : {}) as Partial<DatabaseError>;
  const { code, message = String(error), severity } = seen.driverError ?? seen;
  return { ...(code !== undefined && { code }), ...(severity !== undefined && { severity }), message };
}
