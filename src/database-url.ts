const SHAPE = /^(postgres(?:ql)?:\/\/(?:[^@/?#]*@)?)([^/?#@]+)((?:\/[^?#]*)?(?:\?[^#]*)?)$/;
/** What libpq takes and the gateway keeps to: it writes. */
const SESSIONS = ['read-write', 'primary'];

/**
 * One address for each host of a PostgreSQL address in libpq's form, `postgres://user:password@a:5432,b:5433/database`
 * (PostgreSQL 15 §34.1.1.2). Throws TypeError where it is none, or asks for sessions that cannot write.
 */
export function databaseUrls(text: string): readonly string[] {
  const [, account = '', hosts = '', rest = ''] = SHAPE.exec(text) ?? [];
  const urls = hosts.split(',').map((host) => new URL(`${account}${host}${rest}`));
  return urls.map((url) => {
    if (url.hostname === '') throw new TypeError('a host is missing');
    const session = url.searchParams.get('target_session_attrs');
    if (session === null) return url.href;
    if (!SESSIONS.includes(session)) throw new TypeError(`target_session_attrs is none of ${SESSIONS.join(', ')}`);
    url.searchParams.delete('target_session_attrs');
    return url.href;
  });
}
