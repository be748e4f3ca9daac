import type { Account } from '../login/ports.js';
import { csrfTokenOf, IDLE_MS } from '../login/session.js';
import { ACTIONS, allows, type ActingOperator } from './permissions.js';

/** Who is at work, for the page that it works with; `sessionId` is what its browser holds, `account` its local one. */
export function showSession(
  { id, name, role, participants, session }: ActingOperator,
  sessionId: string | undefined,
  account: Pick<Account, 'totp'> | null,
) {
  const isLoggedIn = session !== undefined && sessionId !== undefined;
  return {
    operator: { id, name, role, participants: participants && [...participants].sort() },
    actions: session?.mustChange ? [] : ACTIONS.filter((action) => allows(role, action)),
    session: !isLoggedIn
      ? null
      : {
          method: session.method,
          csrfToken: csrfTokenOf(sessionId),
          mustChangePassword: session.mustChange,
          secondFactor: (account?.totp ?? null) !== null,
          createdAt: session.createdAt.toISOString(),
          expiresAt: session.expiresAt.toISOString(),
          idleSeconds: IDLE_MS / 1000,
        },
  };
}
