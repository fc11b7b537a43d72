import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/dissect/frame.js';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { compileField, fieldNames, fieldText, fieldValues } from '../../src/fields/field.js';
import { framesOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
const UNDERLAY = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`, { tap: 'hv1' });
const [REQUEST, , , , PING] = UNDERLAY as [FrameView, FrameView, FrameView, FrameView, FrameView];
/** An ICMP error that quotes VXLAN(ARP). */
const ERROR = framesOf(`${CAPTURES}ovs-unshielded.hv1-eth0.pcap`)[7] as FrameView;

function text(name: string, frame: Frame): string {
  return fieldText(compileField(name), frame);
}

describe('a field', () => {
  it('is parsed once', () => {
    expect(compileField('inner.ip.src#2')).toBe(compileField('inner.ip.src#2'));
    expect(compileField('inner.ip.src')).not.toBe(compileField('outer.ip.src'));
  });

  it('by its bare name is every layer that has it, outermost first', () => {
    expect(text('ip.src', PING)).toBe('10.0.0.1,192.168.1.1');
    expect(text('eth.dst', PING)).toBe('02:42:0a:01:00:01,00:00:00:00:00:02');
    expect(text('vxlan.vni', PING)).toBe('5000');
    expect(text('arp.opcode', PING)).toBe('');
  });

  it('inside and outside of the tunnel; its header counts as outer', () => {
    expect(text('outer.ip.src', PING)).toBe('10.0.0.1');
    expect(text('inner.ip.src', PING)).toBe('192.168.1.1');
    expect(text('outer.vxlan.vni', PING)).toBe('5000');
    expect(text('inner.vxlan.vni', PING)).toBe('');
    expect(text('inner.icmp.seq', PING)).toBe('1');
    expect(text('outer.icmp.seq', PING)).toBe('');
  });

  it('has no sides without a tunnel', () => {
    expect(text('arp.src.proto_ipv4', REQUEST)).toBe('10.0.0.1');
    expect(text('inner.arp.src.proto_ipv4', REQUEST)).toBe('');
    expect(text('outer.arp.src.proto_ipv4', REQUEST)).toBe('');
  });

  it('is split by the innermost of several tunnels', () => {
    const nested = nest(PING.bytes, 2);
    expect(nested.protocols).toBe('eth:ip:udp:vxlan:eth:ip:udp:vxlan:eth:ip:icmp');
    expect(text('outer.ip.src', nested)).toBe('10.0.0.1,10.0.0.1');
    expect(text('inner.ip.src', nested)).toBe('192.168.1.1');
    expect(text('ip.src#3', nested)).toBe('192.168.1.1');
    expect(text('outer.ip.src#2', nested)).toBe('10.0.0.1');
    expect(text('inner.ip.src#1', nested)).toBe('192.168.1.1');
    expect(text('inner.ip.src#2', nested)).toBe('');
  });

  it('by its number is that layer of its protocol, from the outside', () => {
    expect(text('ip.src#1', PING)).toBe('10.0.0.1');
    expect(text('ip.src#2', PING)).toBe('192.168.1.1');
    expect(text('ip.src#3', PING)).toBe('');
    expect(text('eth.src#2', PING)).toBe('00:00:00:00:00:01');
  });

  it('in a quotation is seen by number alone', () => {
    expect(ERROR.protocols).toBe('eth:ip:icmp:ip:udp:vxlan:eth:arp');
    expect(text('ip.src', ERROR)).toBe('10.1.0.1');
    expect(text('ip.src#2', ERROR)).toBe('10.0.0.1');
    for (const name of ['vxlan.vni', 'inner.eth.src', 'outer.eth.src', 'outer.vxlan.vni', 'arp.opcode']) {
      expect(text(name, ERROR)).toBe('');
    }
    expect(text('vxlan.vni#1', ERROR)).toBe('5000');
  });

  it('for either side gives both', () => {
    expect(text('ip.addr', PING)).toBe('10.0.0.1,10.1.0.1,192.168.1.1,192.168.1.2');
    expect(text('inner.ip.addr', PING)).toBe('192.168.1.1,192.168.1.2');
    expect(text('ip.addr#2', PING)).toBe('192.168.1.1,192.168.1.2');
    expect(text('udp.port', PING)).toBe('33640,4789');
  });

  it('of the frame itself', () => {
    expect(text('frame.number', PING)).toBe('5');
    expect(text('frame.len', PING)).toBe('148');
    expect(text('frame.time_epoch', PING)).toBe('1795348315.835773000');
    expect(text('frame.protocols', PING)).toBe('eth:ip:udp:vxlan:eth:ip:icmp');
    expect(text('frame.interface_name', PING)).toBe('');
    expect(text('frame.time_epoch', dissect(PING.bytes))).toBe('');
  });

  it('before 1970 counts backwards', () => {
    const frame = { ...plain(PING), seconds: -2, nanoseconds: 250_000_000 };
    expect(text('frame.time_epoch', frame)).toBe('-1.750000000');
  });

  it('gives numbers as numbers, addresses as text', () => {
    expect(fieldValues(compileField('ip.ttl'), PING)).toEqual([64, 64]);
    expect(fieldValues(compileField('ip.flags.df'), PING)).toEqual([1, 1]);
    expect(fieldValues(compileField('ip.dst'), PING)).toEqual(['10.1.0.1', '192.168.1.2']);
    expect(fieldValues(compileField('tcp.port'), PING)).toEqual([]);
    expect(fieldValues(compileField('frame.number'), PING)).toEqual([5]);
  });

  it('is found for every name of the table, on every side', () => {
    for (const name of fieldNames()) {
      expect(compileField(name).name).toBe(name);
      if (name.startsWith('frame.')) continue;
      for (const variant of [`inner.${name}`, `outer.${name}`, `${name}#1`])
        expect(() => text(variant, PING)).not.toThrow();
    }
  });
});

describe('an unknown name', () => {
  it.each([
    ['ip.scr', 'ip.src'],
    ['ip.source', 'ip.src'],
    ['inner.vxlan.vnid', 'vxlan.vni'],
    ['udp.dport', 'udp.port'],
    ['arp.opcde', 'arp.opcode'],
  ])('%s is answered with the nearest one', (name, near) => {
    expect(() => compileField(name)).toThrow(
      expect.objectContaining({ code: 'E_FIELD', message: `unknown field '${name}'; did you mean ${near}?` }),
    );
  });

  it.each([
    '',
    'x',
    'ip',
    'ip.src#0',
    'ip.src#',
    'ip.src#-1',
    '#1',
    'inner.',
    'inner.outer.ip.src',
    'inner.frame.len',
    'frame.len#1',
    '__proto__',
    'a'.repeat(100_000),
  ])('is never taken for another: %.20s', (name) => {
    expect(() => compileField(name)).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
  });
});

/** A frame's scalars and stack as a plain object. */
function plain(view: FrameView): Frame {
  const { number, tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack } = view;
  return { number, tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack };
}

/** A VXLAN frame's own outer headers put around it once more, lengths set right. */
function nest(bytes: Uint8Array, tunnels: number): FrameView {
  if (tunnels === 1) return dissect(bytes);
  const outer = new Uint8Array(50 + bytes.length);
  outer.set(bytes.subarray(0, 50));
  outer.set(bytes, 50);
  new DataView(outer.buffer).setUint16(16, outer.length - 14);
  new DataView(outer.buffer).setUint16(38, outer.length - 34);
  return nest(outer, tunnels - 1);
}
