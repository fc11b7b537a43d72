/** `vxdump analyze`: how its options are read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyzeCommand } from '../../src/cli/analyze.js';
import type { Io } from '../../src/cli/io.js';
import { ipv6Text } from '../../src/wire/address.js';
import { vxdump } from '../helpers/vxdump.js';

const CAPTURE = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';

/** What an option's text is read as. */
function parsed(option: string, text: string): unknown {
  const { options } = analyzeCommand({} as Io, () => {});
  return options.find(({ long }) => long === option)?.parseArg?.(text, undefined as never);
}

describe('--vteps', () => {
  it('takes addresses of both families, in the order given', () => {
    expect(parsed('--vteps', '10.1.0.1')).toEqual(['10.1.0.1']);
    expect(parsed('--vteps', '10.1.0.1,fd00:10::1,10.0.0.1')).toEqual(['10.1.0.1', 'fd00:10::1', '10.0.0.1']);
  });

  it('leaves the zone of an address out: frames do not carry it', () => {
    expect(parsed('--vteps', 'fe80::1%eth0')).toEqual(['fe80::1']);
  });

  it('spells IPv6 as reports do, however it was written', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.array(fc.nat(7)),
        fc.boolean(),
        (bytes, zeros, isUpper) => {
          bytes[0] = 0xfd;
          for (const group of zeros) if (group > 0) bytes.fill(0, group * 2, group * 2 + 2);
          const groups = Array.from({ length: 8 }, (_, group) =>
            Buffer.from(bytes)
              .readUInt16BE(group * 2)
              .toString(16),
          );
          const long = groups.map((group) => group.padStart(4, '0')).join(':');
          expect(parsed('--vteps', isUpper ? long.toUpperCase() : groups.join(':'))).toEqual([ipv6Text(bytes, 0)]);
        },
      ),
    );
  });

  it.each([
    ['nothing', ''],
    ['a name', 'hv1'],
    ['a network', '10.0.0.0/8'],
    ['nothing behind a comma', '10.0.0.1,'],
    ['a blank', '10.0.0.1, 10.1.0.1'],
    ['a port', '10.0.0.1:4789'],
    ['a number too large', '10.0.0.256'],
    ['an octal number', '010.0.0.1'],
  ])('does not take %s', (_, text) => {
    expect(() => parsed('--vteps', text)).toThrow('It takes IP addresses, with commas between.');
  });

  it('says what it takes, and exits 2', async () => {
    const { exit, stdout, stderr } = await vxdump(['analyze', '--vteps', '10.0.0.1,hv2', CAPTURE]);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain("'--vteps <addresses>' argument '10.0.0.1,hv2' is invalid. It takes IP addresses");
  });
});

describe('--window', () => {
  it.each([
    ['1s', 1e9],
    ['2', 2e9],
    ['1.5', 1.5e9],
    ['50ms', 5e7],
    ['200us', 2e5],
    ['10ns', 10],
  ])('%s', (text, ns) => {
    expect(parsed('--window', text)).toBe(ns);
  });

  it.each(['', '0', '0ms', '-1s', '1m', '1 s', 's', '.5s'])('does not take %j', (text) => {
    expect(() => parsed('--window', text)).toThrow('a time above 0');
  });
});

describe('--clock-offset', () => {
  const offset = (text: string, before: [string, number][] = []) => {
    const { options } = analyzeCommand({} as Io, () => {});
    return options.find(({ long }) => long === '--clock-offset')?.parseArg?.(text, before as never);
  };

  it('takes a name, which may have a = in it, and adds up', () => {
    expect(offset('eth0=-250', [['a=b', 1]])).toEqual([
      ['a=b', 1],
      ['eth0', -250],
    ]);
    expect(offset('a=b=1')).toEqual([['a=b', 1]]);
  });

  it.each(['eth0', '=5', 'eth0=', 'eth0=1.5', 'eth0=1us'])('does not take %j', (text) => {
    expect(() => offset(text)).toThrow("a tap's name");
  });
});
