import { forbiddenBut, isNetwork } from './networks.js';

const PUBLIC = ['8.8.8.8', '151.1.1.1', '2001:4860:4860::8888', '::ffff:8.8.8.8'];
const REFUSED: readonly (readonly [address: string, range: string])[] = [
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['0.0.0.0', 'unspecified'],
  ['10.1.2.3', 'private'],
  ['172.31.255.255', 'private'],
  ['192.168.0.1', 'private'],
  ['169.254.169.254', 'linkLocal'],
  ['100.100.100.200', 'carrierGradeNat'],
  ['192.0.0.192', 'reserved'],
  ['168.63.129.16', 'metadata'],
  ['224.0.0.1', 'multicast'],
  ['255.255.255.255', 'broadcast'],
  ['240.0.0.1', 'reserved'],
  ['::1', 'loopback'],
  ['::', 'unspecified'],
  ['fe80::1', 'linkLocal'],
  ['fe80::1%lo', 'linkLocal'],
  ['fd00:ec2::254', 'uniqueLocal'],
  ['ff02::1', 'multicast'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:a9fe:a9fe', 'linkLocal'],
  ['64:ff9b::7f00:1', 'rfc6052'],
  ['2002:7f00:1::', '6to4'],
  ['2001:0:7f00:1::', 'teredo'],
];

describe('forbiddenBut', () => {
  it.each(PUBLIC)('6: lets %s through', (address) => expect(forbiddenBut([])(address)).toBeNull());

  it.each(REFUSED)('6: refuses %s, %s', (address, range) => expect(forbiddenBut([])(address)).toBe(range));

  it('6: refuses what is no unicast network of the Internet, under whatever name', () => {
    for (const address of ['::127.0.0.1', 'fec0::1', '4000::1', '100::1', '2001:db8::1'])
      expect(forbiddenBut([])(address)).not.toBeNull();
  });

  it('6: allows exactly the networks and addresses that are named', () => {
    const forbidden = forbiddenBut(['10.20.0.0/16', '192.168.7.7', 'fd12::/16']);
    for (const address of ['10.20.255.1', '192.168.7.7', '::ffff:10.20.0.1', 'fd12::9'])
      expect(forbidden(address)).toBeNull();
    for (const address of ['10.21.0.1', '192.168.7.8', '127.0.0.1', 'fd13::9'])
      expect(forbidden(address)).not.toBeNull();
  });

  it('6: reads a network in canonical form only', () => {
    for (const text of ['10.0.0.0/8', '10.1.2.3', '::1', 'fd00::/8']) expect(isNetwork(text)).toBe(true);
    for (const text of ['', 'x', '10', '0x7f.1', '010.0.0.1', '10.0.0.0/33', 'localhost', '*'])
      expect(isNetwork(text)).toBe(false);
    expect(() => forbiddenBut(['everything'])).toThrow(TypeError);
  });
});
