/** W3C Trace Context Level 1 as it travels in headers: where the sender's trace stands, and what its tracing systems keep with it. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** §3.2.2: version, trace id, parent id, flags; a version to come may say more. */
const TRACEPARENT =
  /^(?:00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}|(?!00|ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-.*)?)$/;
/** §3.3.1.5. */
const MAX_STATE = 512;

const NONE: TraceContext = {};

/** What is valid of the two among other headers (lower-case names); nothing where the first is missing or wrong (§3.2.2.5). */
export function traceIn({ traceparent, tracestate }: Readonly<Record<string, string | undefined>>): TraceContext {
  if (traceparent === undefined || traceparent.length > MAX_STATE || !TRACEPARENT.test(traceparent)) return NONE;
  const isKept = tracestate !== undefined && tracestate.length <= MAX_STATE && /^[\t\x20-\x7e]+$/.test(tracestate);
  return isKept ? { traceparent, tracestate } : { traceparent };
}
