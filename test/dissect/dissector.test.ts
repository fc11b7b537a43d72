import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Dissector } from '../../src/dissect/dissector.js';
import { LayerKind } from '../../src/wire/stack.js';
import {
  arp,
  echo,
  ethernet,
  fragment,
  frame,
  geneve,
  gre,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type Part,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
  vxlanGpe,
} from '../helpers/frame-builder.js';
import { dissect, names, outline, readAt } from '../helpers/layers.js';

const tunnel: readonly Part[] = [ethernet(), ipv4(), udp(), vxlan()];

describe('link types', () => {
  test('raw IP by its version', () => {
    for (const linkType of [12, 14, 101]) {
      expect(outline(dissect(frame(ipv4(), udp()), { linkType }))).toBe('ip@0 udp@20');
      expect(outline(dissect(frame(ipv6(), udp()), { linkType }))).toBe('ipv6@0 udp@40');
    }
    expect(outline(dissect(frame(ipv4(), udp()), { linkType: 228 }))).toBe('ip@0 udp@20');
    expect(outline(dissect(frame(ipv6(), udp()), { linkType: 229 }))).toBe('ipv6@0 udp@40');
    expect(dissect(Uint8Array.of(0x50), { linkType: 101 }).stop()).toMatchObject({
      code: 'unsupported',
      layer: 'frame',
      at: 0,
      available: 1,
    });
    expect(dissect(new Uint8Array(0), { linkType: 101 }).stop()).toMatchObject({ code: 'truncated', needed: 1 });
  });

  test('an unknown one is unsupported, an empty frame of it is not', () => {
    const stack = dissect(frame(ethernet(), ipv4()), { linkType: 9 });
    expect(names(stack)).toEqual([]);
    expect(stack.stop()).toEqual({
      code: 'unsupported',
      layer: 'frame',
      at: 0,
      needed: 0,
      available: 34,
      lenSource: null,
    });
    expect(dissect(new Uint8Array(0), { linkType: 9 }).stop()).toBeNull();
  });
});

describe('ports', () => {
  const behind = (port: number, ...parts: Part[]) =>
    frame(ethernet(), ipv4(), udp({ destinationPort: port }), ...parts);

  test('4789 and 8472 are VXLAN, 4790 GPE, 6081 Geneve', () => {
    for (const port of [4789, 8472]) {
      expect(names(dissect(behind(port, vxlan(), ethernet(), arp())))).toEqual([
        'eth',
        'ip',
        'udp',
        'vxlan',
        'eth',
        'arp',
      ]);
    }
    expect(dissect(behind(4790, vxlanGpe(), ipv4())).kind(3)).toBe(LayerKind.VxlanGpe);
    expect(dissect(behind(6081, geneve(), ethernet())).kind(3)).toBe(LayerKind.Geneve);
  });

  test('given ports replace the two', () => {
    const dissector = new Dissector({ vxlanPorts: [65_530] });
    const depth = (bytes: Uint8Array) => dissector.dissect(bytes, 0, bytes.length, bytes.length, 1).depth;
    expect(depth(behind(65_530, vxlan(), ethernet(), arp()))).toBe(6);
    expect(depth(behind(4789, vxlan(), ethernet(), arp()))).toBe(3);
    expect(depth(behind(6081, geneve(), ethernet(), arp()))).toBe(6);
  });
});

describe('nesting', () => {
  test('sixteen layers, and one more is too deep', () => {
    const tags = (count: number) => frame(ethernet(), ...Array.from({ length: count }, () => vlan()), ipv4());
    const full = dissect(tags(14));
    expect(full.depth).toBe(16);
    expect(full.stop()).toBeNull();
    const over = dissect(tags(15));
    expect(names(over)).toEqual(['eth', ...Array(15).fill('vlan')]);
    expect(over.stop()).toEqual({
      code: 'too-deep',
      layer: 'ip',
      at: 14 + 15 * 4,
      needed: 17,
      available: 16,
      lenSource: null,
    });
  });

  test.each([
    ['vxlan', [udp(), vxlan(), ethernet()]],
    ['gre', [gre()]],
    ['geneve', [udp(), geneve()]],
    ['vxlan', [udp(), vxlanGpe()]],
  ] as const)('four tunnels of %s, and one more is too deep', (name, parts) => {
    const nested = (count: number) =>
      dissect(frame(...Array.from({ length: count }, () => [ipv4(), ...parts]).flat(), ipv4()), { linkType: 228 });
    const depth = 1 + parts.length;
    const four = nested(4);
    if (4 * depth < 16) {
      expect([four.tunnels, four.depth]).toEqual([4, 4 * depth + 1]);
      expect(four.stop()).toBeNull();
      const five = nested(5);
      expect([five.tunnels, five.depth]).toEqual([4, 4 * depth + depth - 1]);
      expect(five.stop()).toMatchObject({ code: 'too-deep', layer: name, needed: 5, available: 4, lenSource: null });
    } else {
      // Four layers a tunnel: the sixteenth layer is the fourth inner Ethernet header.
      expect([four.tunnels, four.depth]).toEqual([4, 16]);
      expect(four.stop()).toMatchObject({ code: 'too-deep', layer: 'ip', needed: 17, available: 16 });
    }
  });

  test('kinds of tunnels count together', () => {
    const parts = [ipv4(), gre(), ipv4(), udp(), geneve(), ipv4(), gre(), ipv4(), udp(), vxlanGpe(), ipv4(), gre()];
    const stack = dissect(frame(...parts, ipv4()), { linkType: 228 });
    expect([stack.tunnels, stack.tunnelIndex, stack.depth]).toEqual([4, 9, 11]);
    expect(stack.stop()).toMatchObject({ code: 'too-deep', layer: 'gre', needed: 5 });
  });

  test('inner and outer never overwrite each other', () => {
    const bytes = frame(
      ethernet({ source: 1 }),
      ipv4({ source: 11 }),
      udp({ sourcePort: 21 }),
      vxlan({ vni: 31 }),
      ethernet({ source: 2 }),
      ipv6({ hopLimit: 12 }),
      udp({ sourcePort: 22 }),
      geneve({ vni: 32 }),
      ethernet({ source: 3 }),
      vlan({ identifier: 7 }),
      arp({ operation: 2 }),
    );
    const stack = dissect(bytes, { at: 9 });
    expect(outline(stack)).toBe(
      'eth@0 ip@14 udp@34 vxlan@42 eth@50 ipv6@64 udp@104 geneve@112 eth@120 vlan@134 arp@138',
    );
    expect([stack.tunnels, stack.tunnelIndex, stack.quotedIndex]).toEqual([2, 7, -1]);
    expect([0, 4, 8].map((index) => readAt(stack, index)['source'])).toEqual([1, 2, 3]);
    expect([2, 6].map((index) => readAt(stack, index)['sourcePort'])).toEqual([21, 22]);
    expect([3, 7].map((index) => readAt(stack, index)['vni'])).toEqual([31, 32]);
  });

  test('QinQ around and within a tunnel', () => {
    const qinq = [vlan({ service: true, identifier: 30 }), vlan({ identifier: 100 })];
    const stack = dissect(frame(ethernet(), ...qinq, ipv4(), udp(), vxlan(), ethernet(), ...qinq, arp()));
    expect(names(stack)).toEqual('eth ieee8021ad vlan ip udp vxlan eth ieee8021ad vlan arp'.split(' '));
  });

  test('IP in IP is a plain layer, no tunnel', () => {
    const stack = dissect(frame(ethernet(), ipv4(), ipv6(), ipv4(), tcp()));
    expect(names(stack)).toEqual(['eth', 'ip', 'ipv6', 'ip', 'tcp']);
    expect(stack.tunnels).toBe(0);
  });
});

describe('datagrams quoted by ICMP errors', () => {
  const quoted = [udp(), vxlan(), ethernet(), ipv4(), icmpv4({ rest: echo(1, 2) })];

  test('are dissected and told apart: their tunnel does not count', () => {
    const four = dissect(frame(ethernet(), ipv4(), icmpv4({ type: 3, code: 3 }), ipv4(), ...quoted));
    expect(names(four)).toEqual(['eth', 'ip', 'icmp', 'ip', 'udp', 'vxlan', 'eth', 'ip', 'icmp']);
    expect([four.quotedIndex, four.tunnels, four.tunnelIndex]).toEqual([3, 0, -1]);
    const six = dissect(frame(ethernet(), ipv6(), icmpv6({ type: 1, code: 4 }), ipv6(), ...quoted));
    expect(names(six)).toEqual(['eth', 'ipv6', 'icmpv6', 'ipv6', 'udp', 'vxlan', 'eth', 'ip', 'icmp']);
    expect([six.quotedIndex, six.tunnels, six.tunnelIndex]).toEqual([3, 0, -1]);
  });

  test('inside a tunnel: that tunnel counts, the quoted one does not', () => {
    const stack = dissect(
      frame(...tunnel, ethernet(), ipv4(), icmpv4({ type: 11 }), ipv4(), udp(), vxlan(), ethernet(), arp()),
    );
    expect([stack.quotedIndex, stack.tunnels, stack.tunnelIndex]).toEqual([7, 1, 3]);
  });

  test('end early without a note, wherever they do', () => {
    const whole = frame(ethernet(), ipv4({ totalLength: 0 }), icmpv4({ type: 3, code: 3 }), ipv4(), ...quoted);
    for (let len = 42; len <= whole.length; len++) {
      const bytes = whole.slice(0, len);
      bytes.set([(len - 14) >> 8, (len - 14) & 0xff], 16);
      const stack = dissect(bytes);
      expect(stack.stop(), `${len} bytes`).toBeNull();
      expect(stack.quotedIndex, `${len} bytes`).toBe(len === 42 ? -1 : 3);
    }
  });

  test('may hold nothing that we know, without a note', () => {
    const odd = [
      [ipv4({ protocol: 253 }), payload([1])],
      [ipv4({ headerLen: 4 })],
      [ipv4(), udp({ length: 3 })],
      [ipv4(), udp(), vxlan({ flags: 0 }), ethernet()],
      Array.from({ length: 20 }, () => ipv4()),
    ];
    for (const parts of odd) {
      expect(dissect(frame(ethernet(), ipv4(), icmpv4({ type: 3 }), ...parts)).stop()).toBeNull();
    }
  });

  test('there is none without a byte of it', () => {
    expect(dissect(frame(ethernet(), ipv6(), icmpv6({ type: 1 }))).quotedIndex).toBe(-1);
  });

  test('a quotation within a quotation begins at the outer one', () => {
    const stack = dissect(frame(ethernet(), ipv4(), icmpv4({ type: 3 }), ipv4(), icmpv4({ type: 3 }), ipv4(), udp()));
    expect([stack.depth, stack.quotedIndex]).toEqual([7, 3]);
  });

  test('what came before them is noted', () => {
    const stack = dissect(frame(ethernet(), ipv4({ totalLength: 400 }), icmpv4({ type: 3 }), ipv4({ headerLen: 0 })));
    expect(stack.stop()).toMatchObject({ code: 'truncated', layer: 'ip', at: 14 });
  });
});

describe('fragments', () => {
  test('a later one ends the walk at IP', () => {
    for (const part of [
      ipv4({ fragmentOffset: 185, protocol: 17 }),
      ipv4({ fragmentOffset: 1, moreFragments: 1, protocol: 17 }),
    ]) {
      const stack = dissect(frame(ethernet(), part, payload(new Uint8Array(30))));
      expect(names(stack)).toEqual(['eth', 'ip']);
      expect(stack.stop()).toBeNull();
    }
    const six = dissect(frame(ethernet(), ipv6(), fragment({ fragmentOffset: 1, nextHeader: 17 }), payload([1, 2, 3])));
    expect(names(six)).toEqual(['eth', 'ipv6', 'ipv6.fraghdr']);
    expect(six.stop()).toBeNull();
  });

  test('in a first one, lengths past the fragment are no fault, outer or inner', () => {
    const rest = [udp({ length: 1400 }), vxlan(), ethernet(), ipv4({ totalLength: 1300 }), tcp({ headerLen: 60 })];
    const whole = ['udp', 'vxlan', 'eth', 'ip', 'tcp'];
    const four = dissect(frame(ethernet(), ipv4({ moreFragments: 1 }), ...rest));
    expect(names(four)).toEqual(['eth', 'ip', ...whole]);
    expect(four.stop()).toBeNull();
    const six = dissect(frame(ethernet(), ipv6(), fragment({ moreFragments: 1 }), ...rest));
    expect(names(six)).toEqual(['eth', 'ipv6', 'ipv6.fraghdr', ...whole]);
    expect(six.stop()).toBeNull();
    const inner = dissect(frame(...tunnel, ethernet(), ipv4({ moreFragments: 1 }), udp({ length: 1400 })));
    expect(inner.stop()).toBeNull();
  });

  test('in a first one, a length that fits bounds what follows again', () => {
    const parts = [
      udp({ length: 1400 }),
      vxlan(),
      ethernet(),
      ipv4({ totalLength: 28 }),
      udp({ length: 29 }),
      payload([1, 2]),
    ];
    const stack = dissect(frame(ethernet(), ipv4({ moreFragments: 1 }), ...parts));
    expect(stack.stop()).toMatchObject({ code: 'malformed', layer: 'udp', at: 84, needed: 29, available: 8 });
  });

  test('in a first one, a header past the fragment is truncated: the rest is elsewhere', () => {
    const stack = dissect(frame(ethernet(), ipv4({ moreFragments: 1, protocol: 6 }), payload(new Uint8Array(8))));
    expect(names(stack)).toEqual(['eth', 'ip']);
    expect(stack.stop()).toEqual({
      code: 'truncated',
      layer: 'tcp',
      at: 34,
      needed: 20,
      available: 8,
      lenSource: 'ip.len',
    });
  });

  test('an atomic one is whole (RFC 6946)', () => {
    const stack = dissect(frame(ethernet(), ipv6(), fragment(), udp({ length: 9 })));
    expect(stack.stop()).toMatchObject({ code: 'malformed', layer: 'udp', lenSource: 'udp.length' });
  });
});

describe('BIG TCP', () => {
  const data = payload(new Uint8Array(66_000));

  test('lengths of 0 on a long frame are the captured length', () => {
    const outers = [
      [ethernet(), ipv4({ totalLength: 0 }), udp({ length: 0 }), vxlan()],
      [ethernet(), ipv6({ payloadLength: 0 }), udp({ length: 0 }), vxlan()],
    ];
    const inners = [
      [ethernet(), ipv4({ totalLength: 0 }), tcp()],
      [ethernet(), ipv6({ payloadLength: 0 }), tcp()],
    ];
    for (const outer of outers) {
      for (const inner of inners) {
        const bytes = frame(...outer, ...inner, data);
        const stack = dissect(bytes, { at: 5 });
        expect(names(stack).at(-1)).toBe('tcp');
        expect(stack.stop()).toBeNull();
        expect(Array.from(stack.ends.subarray(0, stack.depth))).toEqual(Array(stack.depth).fill(5 + bytes.length));
      }
    }
  });

  test('65,535 bytes are no long frame', () => {
    const at = (wireLen: number) =>
      dissect(frame(ethernet(), ipv4({ totalLength: 0 }), tcp(), payload(new Uint8Array(wireLen - 54)))).stop();
    expect(at(65_535)).toMatchObject({ code: 'malformed', layer: 'ip', needed: 20, available: 0, lenSource: 'ip.len' });
    expect(at(65_536)).toBeNull();
  });

  test('cut by its snaplen it is truncated, and all its headers are there', () => {
    const bytes = frame(
      ethernet(),
      ipv4({ totalLength: 0 }),
      udp({ length: 0 }),
      vxlan(),
      ethernet(),
      ipv6({ payloadLength: 0 }),
      tcp(),
      data,
    );
    const stack = dissect(bytes, { capturedLen: 160, wireLen: bytes.length });
    expect(names(stack)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'ipv6', 'tcp']);
    expect(stack.stop()).toMatchObject({ code: 'truncated', layer: 'frame', lenSource: 'frame.len' });
  });

  const corpus = process.env['VXDUMP_CORPUS'];
  if (corpus === undefined) console.log('VXDUMP_CORPUS is not set: the BIG TCP captures were not read');
  test.skipIf(corpus === undefined).each([
    ['bigtcp-ipv4-vxlan-ipv6', 'eth@0 ip@14 udp@34 vxlan@42 eth@50 ipv6@64 tcp@104', 1, 80_046, 79_924],
    ['bigtcp-ipv6-vxlan-ipv4', 'eth@0 ipv6@14 udp@54 vxlan@62 eth@70 ip@84 tcp@104', 5, 80_052, 80_000],
  ])('%s is what tcpdump says', (name, layers, lengthAt, ipLen, tcpLen) => {
    const file = path.join(corpus as string, 'the-tcpdump-group+tcpdump/tests', name);
    expect(existsSync(`${file}.pcap`), file).toBe(true);
    // One little-endian record behind a header of 24 bytes, its own header 16.
    const capture = readFileSync(`${file}.pcap`);
    const capturedLen = capture.readUInt32LE(32);
    const stack = new Dissector().dissect(capture, 40, capturedLen, capture.readUInt32LE(36), 1);
    expect(outline(stack)).toBe(layers);
    expect(stack.stop()).toBeNull();
    expect(stack.layerEnd(lengthAt) - stack.layerAt(lengthAt)).toBe(ipLen);
    const segment = readAt(stack, 6);
    expect(stack.layerEnd(6) - stack.layerAt(6) - (segment['headerLen'] as number)).toBe(tcpLen);
    const text = readFileSync(`${file}.out`, 'latin1');
    expect(text).toContain(`length ${ipLen} [was 0, presumed BIG TCP]`);
    expect(text).toContain(`, length ${tcpLen}\n`);
    expect(text).toContain(`seq ${segment['sequenceNumber']}:`);
    expect(text).toContain(`VXLAN, flags [I] (0x08), vni ${readAt(stack, 3)['vni']}`);
  });
});

describe('frames cut by their snaplen', () => {
  const bytes = frame(...tunnel, ethernet(), ipv4(), tcp(), payload(new Uint8Array(100)));

  test('are truncated at the first length that is not there', () => {
    for (let capturedLen = 34; capturedLen < bytes.length; capturedLen++) {
      expect(dissect(bytes, { capturedLen, wireLen: bytes.length }).stop()).toEqual({
        code: 'truncated',
        layer: 'ip',
        at: 14,
        needed: bytes.length - 14,
        available: capturedLen - 14,
        lenSource: 'ip.len',
      });
    }
  });

  test('are truncated whatever else was noted', () => {
    const short = { code: 'truncated', layer: 'frame', at: 0, lenSource: 'frame.len' };
    const unsupported = frame(ethernet({ type: 0x9100 }), payload([1, 2, 3]));
    expect(dissect(unsupported, { wireLen: 60 }).stop()).toEqual({ ...short, needed: 60, available: 17 });
    const malformed = frame(ethernet(), ipv4({ headerLen: 0 }));
    expect(dissect(malformed, { wireLen: 60 }).stop()).toEqual({ ...short, needed: 60, available: 34 });
    const whole = frame(ethernet(), arp());
    expect(dissect(whole, { wireLen: 43 }).stop()).toEqual({ ...short, needed: 43, available: 42 });
    expect(dissect(whole, { wireLen: 42 }).stop()).toBeNull();
    expect(dissect(whole, { wireLen: 10 }).stop()).toBeNull();
  });
});

test('a dissection leaves nothing behind for the next', () => {
  const dissector = new Dissector();
  const quoting = frame(ethernet(), ipv4(), icmpv4({ type: 3 }), ipv4(), udp(), vxlan());
  const opened = frame(...tunnel, ethernet(), ipv4({ moreFragments: 1 }), udp({ length: 1400 }));
  const plain = frame(ethernet(), ipv4({ totalLength: 1500 }), udp(), vxlan(), ethernet(), ipv4(), udp());
  const fresh = new Dissector().dissect(plain, 0, plain.length, plain.length, 1);
  for (const before of [quoting, opened]) {
    dissector.dissect(before, 0, before.length, 9000, 1);
    const used = dissector.dissect(plain, 0, plain.length, plain.length, 1);
    expect(outline(used)).toBe(outline(fresh));
    expect(fresh.stop()).toMatchObject({ code: 'truncated', layer: 'ip', at: 14 });
    expect(used.stop()).toEqual(fresh.stop());
    expect([used.tunnels, used.tunnelIndex, used.quotedIndex]).toEqual([1, 3, -1]);
  }
});

test('a frame is the same wherever it lies, behind a gigabyte, too', () => {
  const bytes = frame(...tunnel, ethernet(), ipv4(), tcp(), payload([1, 2, 3]));
  const far = 0x4000_0000;
  // What is not touched takes no memory.
  for (const at of [far - 60, far, far + 60]) {
    const held = new Uint8Array(far + 1000);
    held.set(bytes, at);
    const stack = new Dissector().dissect(held, at, bytes.length, bytes.length, 1);
    expect(names(stack)).toEqual(names(dissect(bytes)));
    expect([...stack.ats.slice(0, stack.depth)]).toEqual([0, 14, 34, 42, 50, 64, 84].map((offset) => at + offset));
  }
});
