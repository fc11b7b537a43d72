import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ipv4Text, ipv6Text, isIpv4Multicast, macText } from '../../src/wire/address.js';
import { i32 } from '../../src/wire/bytes.js';
import { hex } from '../helpers/hex.js';
import { bits, bytesOf } from '../helpers/wire-case.js';

test('MAC addresses', () => {
  expect(macText(0)).toBe('00:00:00:00:00:00');
  expect(macText(0xffff_ffff_ffff)).toBe('ff:ff:ff:ff:ff:ff');
  expect(macText(0x0242_0a01_0001)).toBe('02:42:0a:01:00:01');
  fc.assert(fc.property(bits(48), (mac) => Number.parseInt(macText(mac).replaceAll(':', ''), 16) === mac));
});

test('IPv4 addresses, signed or not', () => {
  expect(ipv4Text(0)).toBe('0.0.0.0');
  expect(ipv4Text(0xffff_ffff)).toBe('255.255.255.255');
  fc.assert(
    fc.property(bytesOf(4), (bytes) => {
      const text = bytes.join('.');
      expect(isIPv4(text)).toBe(true);
      expect(ipv4Text(i32(bytes, 0))).toBe(text);
      expect(ipv4Text(i32(bytes, 0) >>> 0)).toBe(text);
    }),
  );
});

test.each([
  // RFC 5952, sections 1 and 4.
  ['20010db8000000000000000000000001', '2001:db8::1'],
  ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
  ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
  ['20010000000000010000000000000001', '2001:0:0:1::1'],
  ['20010db80000000000000000aaaaAAAA', '2001:db8::aaaa:aaaa'],
  // All zeros, a run at either end, two runs of one length, none.
  ['00000000000000000000000000000000', '::'],
  ['00000000000000000000000000000001', '::1'],
  ['00010000000000000000000000000000', '1::'],
  ['00010000000000020000000000000003', '1:0:0:2::3'],
  ['00010000000000020003000000000004', '1::2:3:0:0:4'],
  ['00010002000300040005000600070008', '1:2:3:4:5:6:7:8'],
  // Section 5: an IPv4-mapped address ends in dotted form.
  ['00000000000000000000ffffc0a80101', '::ffff:192.168.1.1'],
  ['0000000000000000ffff0000c0a80101', '::ffff:0:c0a8:101'],
])('IPv6 address %s is %s', (bytes, text) => {
  expect(ipv6Text(hex(bytes), 0)).toBe(text);
});

test('IPv6 addresses agree with two other writers', () => {
  const group = fc.oneof(fc.constant(0), fc.constantFrom(1, 0xffff), bits(16));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.nat(9), (groups, at) => {
      const bytes = new Uint8Array(at + 16).fill(0xff);
      bytes.set(
        groups.flatMap((value) => [value >> 8, value & 0xff]),
        at,
      );
      const long = groups.map((value) => value.toString(16)).join(':');
      const text = ipv6Text(bytes, at);
      expect(isIPv6(text)).toBe(true);
      const mapped = groups.slice(0, 5).every((value) => value === 0) && groups[5] === 0xffff;
      // The WHATWG form never ends dotted; inet_ntop's also does for addresses that RFC 5952 leaves in hex.
      if (!mapped) expect(`[${text}]`).toBe(new URL(`http://[${long}]/`).hostname);
      const compatible = groups.slice(0, 6).every((value) => value === 0);
      if (!compatible) expect(text).toBe(new SocketAddress({ address: long, family: 'ipv6' }).address);
    }),
    { numRuns: 1000 },
  );
});

test('multicast', () => {
  for (const [text, multicast] of [
    ['dfffffff', false],
    ['e0000000', true],
    ['efffffff', true],
    ['f0000000', false],
  ] as const) {
    expect(isIpv4Multicast(i32(hex(text), 0))).toBe(multicast);
    expect(isIpv4Multicast(i32(hex(text), 0) >>> 0)).toBe(multicast);
  }
});
