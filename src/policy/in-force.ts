import { Fault } from '../message/fault.js';
import type { Credential } from '../registry/model.js';

type Validity = Pick<Credential, 'notBefore' | 'expires'>;

const isEarly = ({ notBefore }: Validity, now: Date) => notBefore !== undefined && now < new Date(notBefore);
const isLate = ({ expires }: Validity, now: Date) => expires !== undefined && now >= new Date(expires);

export const isInForce = (credential: Validity, now: Date): boolean =>
  !isEarly(credential, now) && !isLate(credential, now);

/** Throws credentials-expired for a right credential whose time has not come or is over. */
export function requireInForce(credential: Validity, now: Date): void {
  if (isInForce(credential, now)) return;
  const { notBefore, expires } = credential;
  throw new Fault('credentials-expired', {
    detail: isLate(credential, now)
      ? `The credential was valid until ${expires}.`
      : `The credential is valid from ${notBefore} on.`,
    place: 'credential',
    expected: 'a credential that is in force',
  });
}
