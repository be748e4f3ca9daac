import { randomInt } from 'node:crypto';
import { Fault } from '../message/fault.js';

/** NIST SP 800-63B-4 §3.1.1: length alone, and what others would guess first. Characters, not bytes. */
export const LEAST_ALONE = 15;
export const LEAST_WITH_SECOND_FACTOR = 8;
const MOST = 128;

/** What says little about a password that holds it. */
const GUESSED = ['crocevia', 'password', 'qwertyuiop', 'qwerty', 'asdfgh', '1234567890', '123456', 'abcdef', 'admin'];
const LEFT = 5;

/** The same text however it was typed (§3.1.1.2). */
export const normalised = (password: string): string => password.normalize('NFKC');

interface Holder {
  readonly operator: string;
  readonly name: string;
  readonly hasSecondFactor: boolean;
}

/** Throws password-refused. */
export function requireGoodPassword(password: string, { operator, name, hasSecondFactor }: Holder): void {
  const least = hasSecondFactor ? LEAST_WITH_SECOND_FACTOR : LEAST_ALONE;
  const length = [...normalised(password)].length;
  if (length < least || length > MOST)
    throw refused(`It has ${length} characters.`, `${least} to ${MOST} characters${hint(hasSecondFactor)}`);
  if (isGuessable(password, [operator, name]))
    throw refused('It is made of what others guess first.', 'words that do not name you or this gateway');
}

const hint = (hasSecondFactor: boolean) =>
  hasSecondFactor ? '' : `, or ${LEAST_WITH_SECOND_FACTOR} and more with a second factor`;

const refused = (detail: string, expected: string) =>
  new Fault('password-refused', { detail, place: 'newPassword', expected });

function isGuessable(password: string, names: readonly string[]): boolean {
  let rest = normalised(password).toLowerCase();
  const words = [...names.flatMap((name) => name.toLowerCase().split(/\s+/)), ...GUESSED];
  for (const word of words) if (word.length > 2) rest = rest.replaceAll(word, '');
  return new Set(rest).size < LEFT;
}

/** Without those that are mistaken for one another. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** 20 letters, 100 bits. */
export const firstPassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join('')).join(
    '-',
  );
