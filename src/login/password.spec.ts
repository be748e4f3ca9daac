import { firstPassword, normalised, requireGoodPassword } from './password.js';

const ALONE = { operator: 'anna.rossi', name: 'Anna Rossi', hasSecondFactor: false };
const SECOND = { ...ALONE, hasSecondFactor: true };

describe('passwords', () => {
  it.each([
    ['correct horse ba', ALONE],
    ['quindici lettere', ALONE],
    ['perché così è già lungo', ALONE],
    ['cavallo8', SECOND],
    ['x9!kfuq2', SECOND],
    ['abcdefghijklmnopqrstuvwxyz'.repeat(4), ALONE],
  ])('3: takes %j', (password, holder) => {
    expect(() => requireGoodPassword(password, holder)).not.toThrow();
  });

  it.each([
    ['14 characters alone', 'correct horse!', ALONE],
    ['7 characters with a second factor', 'x9!kfuq', SECOND],
    ['more than 128', 'abcdefghij'.repeat(13), ALONE],
    ['one letter again and again', 'aaaaaaaaaaaaaaaaaaaa', ALONE],
    ['two in turn', 'abababababababababab', ALONE],
    ['the name', 'anna.rossi anna rossi', ALONE],
    ['the gateway', 'Crocevia Crocevia 1!', ALONE],
    ['what everybody takes', 'passwordpassword1', ALONE],
    ['what everybody takes, short', 'password1', SECOND],
    ['a row of keys', 'qwertyuiop1234567890', ALONE],
  ])('3: refuses %s', (_, password, holder) => {
    expect(() => requireGoodPassword(password, holder)).toThrow(/password-refused/);
  });

  it('3: asks for no kinds of characters', () => {
    expect(() => requireGoodPassword('solo lettere minuscole qui', ALONE)).not.toThrow();
  });

  it('3: counts characters, not bytes, and takes the same text however it is composed', () => {
    expect(normalised('perche\u0301')).toBe(normalised('perché'));
    expect(() => requireGoodPassword('😀'.repeat(14), ALONE)).toThrow(/14 characters|It has 14/);
  });

  it('3: makes first passwords that are good and differ', () => {
    const made = Array.from({ length: 50 }, firstPassword);
    for (const one of made) expect(() => requireGoodPassword(one, ALONE)).not.toThrow();
    expect(new Set(made).size).toBe(50);
  });
});
