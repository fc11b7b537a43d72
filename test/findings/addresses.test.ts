import { expect, it } from 'vitest';
import { BROADCAST, isMulticast, isVirtualRouter } from '../../src/findings/addresses.js';
import { isGroupMac } from '../../src/wire/address.js';

it.each([
  ['VRRP', 0x00005e000100, 0x00005e0001ff],
  ['VRRP for IPv6', 0x00005e000200, 0x00005e0002ff],
  ['HSRP', 0x00000c07ac00, 0x00000c07acff],
  ['HSRP 2', 0x00000c9ff000, 0x00000c9fffff],
  ['HSRP 2 for IPv6', 0x000573a00000, 0x000573a00fff],
  ['GLBP', 0x0007b4000000, 0x0007b400ffff],
])('routers share the MACs of %s, and none beside them', (_, first, last) => {
  expect([first, last].map(isVirtualRouter)).toEqual([true, true]);
  const beside = [first - 1, last + 1].filter((mac) => mac !== 0x00005e000200 && mac !== 0x00005e0001ff);
  expect(beside.map(isVirtualRouter)).not.toContain(true);
});

it('multicast is what its first byte says', () => {
  const groups = ['224.0.0.0', '239.255.255.255', 'ff02::1'];
  const hosts = ['223.255.255.255', '240.0.0.1', '22.4.0.1', 'fe80::1', 'fd00::ff'];
  expect(groups.map(isMulticast)).toEqual([true, true, true]);
  expect(hosts.map(isMulticast)).not.toContain(true);
  expect([0x01005e000001, 0x333300000001, BROADCAST].map(isGroupMac)).toEqual([true, true, true]);
  expect([0x020000000001, 0xfe0000000001, 0].map(isGroupMac)).not.toContain(true);
});
