import { nameKey, readName } from './distinguished-name.js';

describe('distinguished names', () => {
  it.each([
    ['CN=Sulmona,O=Comune,C=IT', 'cn=Sulmona, o=Comune, c=IT'],
    ['CN=Sulmona+OU=A,C=IT', 'OU=A+CN=Sulmona,C=IT'],
    ['CN=a\\,b', 'CN=a\\2Cb'],
    ['CN=Citt\\C3\\A0', 'CN=Città'],
    ['2.5.4.3=x', 'OID.2.5.4.3=x'],
    ['CN=a\\ ', 'CN=a\\20'],
    ['CN=😀x', 'CN=\\F0\\9F\\98\\80x'],
    ['1.2.3=#04020AFF', '1.2.3=#04020aff'],
  ])('1: %s is %s', (one, other) => {
    expect(nameKey(readName(one))).toBe(nameKey(readName(other)));
  });

  it.each([
    ['CN=Sulmona,O=Comune', 'O=Comune,CN=Sulmona'],
    ['CN=Sulmona', 'CN=sulmona'],
    ['CN=a,CN=b', 'CN=a+CN=b'],
    ['CN=a', 'OU=a'],
    ['CN=a\\ ', 'CN=a'],
    ['CN=Sulmona', 'CN=Sulmona,C=IT'],
    ['CN=a\\,O=b', 'CN=a,O=b'],
  ])('1: %s is not %s', (one, other) => {
    expect(nameKey(readName(one))).not.toBe(nameKey(readName(other)));
  });

  it.each(['', 'Sulmona', 'XX=a', 'CN=', 'CN="a"', 'CN=a,', 'CN=a;O=b', '=a'])('1: refuses %s', (text) => {
    expect(() => readName(text)).toThrow();
  });
});
