import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/dissect/frame.js';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { frameRecord } from '../../src/report/frame-record.js';
import { jsonReport, ndjsonReport } from '../../src/report/ndjson.js';
import { framesOf, textOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
const SCHEMA = JSON.parse(readFileSync(new URL('../../schema/frame.json', import.meta.url), 'utf8')) as object;
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(SCHEMA);
const PING = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`, { tap: 'vm1_underlay' })[4] as FrameView;

/** A frame with other scalars. */
function withScalars(view: FrameView, scalars: Partial<Frame>): Frame {
  const { number, tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack } = view;
  return { number, tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack, ...scalars };
}

describe('the frame record', () => {
  it('is this, key for key', () => {
    expect(textOf(ndjsonReport(), [PING])).toBe(
      '{"schema":"vxdump.frame/1","tap":"vm1_underlay","frame":{"number":5,"time_ns":"1795348315835773000",' +
        '"time":"2026-11-22T11:51:55.835773000Z","len":148,"cap_len":148,"protocols":"eth:ip:udp:vxlan:eth:ip:icmp"},"layers":[' +
        '{"layer":"eth","at":0,"src":"02:42:0a:00:00:01","dst":"02:42:0a:01:00:01","type":2048},' +
        '{"layer":"ip","at":14,"version":4,"hdr_len":20,"dsfield":0,"dsfield.dscp":0,"dsfield.ecn":0,"len":134,"id":0,' +
        '"flags.rb":0,"flags.df":1,"flags.mf":0,"frag_offset":0,"ttl":64,"proto":17,"checksum":9829,"src":"10.0.0.1","dst":"10.1.0.1"},' +
        '{"layer":"udp","at":34,"srcport":33640,"dstport":4789,"length":114,"checksum":0},' +
        '{"layer":"vxlan","at":42,"flags":2048,"gbp":0,"vni":5000,"reserved8":0},' +
        '{"layer":"eth","at":50,"src":"00:00:00:00:00:01","dst":"00:00:00:00:00:02","type":2048},' +
        '{"layer":"ip","at":64,"version":4,"hdr_len":20,"dsfield":0,"dsfield.dscp":0,"dsfield.ecn":0,"len":84,"id":47346,' +
        '"flags.rb":0,"flags.df":1,"flags.mf":0,"frag_offset":0,"ttl":64,"proto":1,"checksum":65122,"src":"192.168.1.1","dst":"192.168.1.2"},' +
        '{"layer":"icmp","at":84,"type":8,"code":0,"checksum":5211,"ident":10718,"seq":1}],"stop":null}\n',
    );
  });

  it('marks what an ICMP error quotes', () => {
    const record = frameRecord(framesOf(`${CAPTURES}ovs-unshielded.hv1-eth0.pcap`)[7] as FrameView);
    expect(record.layers.map((layer) => `${layer.layer}${layer.quoted === true ? ' quoted' : ''}`)).toEqual([
      'eth',
      'ip',
      'icmp',
      'ip quoted',
      'udp quoted',
      'vxlan quoted',
      'eth quoted',
      'arp quoted',
    ]);
  });

  it('leaves out what a capture does not tell', () => {
    const record = frameRecord(dissect(PING.bytes.subarray(0, 60), { wireLen: 148 }));
    expect(Object.keys(record.frame)).toEqual(['number', 'len', 'cap_len', 'protocols']);
    expect(record.stop).toEqual({
      code: 'truncated',
      layer: 'ip',
      at: 14,
      needed: 134,
      available: 46,
      lenSource: 'ip.len',
    });
  });

  it('names the interface where there is one to tell', () => {
    expect(frameRecord(withScalars(PING, { gso: true })).frame.gso).toBe(true);
    expect(frameRecord(PING).frame).not.toHaveProperty('gso');
    const named = frameRecord(withScalars(PING, { interfaceId: 2, interfaceName: 'e"\u001b[31mth' }));
    expect(named.frame).toMatchObject({ interface_id: 2, interface_name: 'e"\u001b[31mth' });
    expect(textOf(ndjsonReport(), [withScalars(PING, { interfaceName: '\u001b' })])).toContain('\\u001b');
  });

  it('never rounds a time, and shows none that no calendar has', () => {
    const at = (seconds: number, nanoseconds: number) => frameRecord(withScalars(PING, { seconds, nanoseconds })).frame;
    expect(at(1, 1)).toMatchObject({ time_ns: '1000000001', time: '1970-01-01T00:00:01.000000001Z' });
    expect(at(0, 0)).toMatchObject({ time_ns: '0', time: '1970-01-01T00:00:00.000000000Z' });
    expect(at(-1, 999_999_999)).toMatchObject({ time_ns: '-1', time: '1969-12-31T23:59:59.999999999Z' });
    expect(at(4_294_967_295, 999_999_999)).toMatchObject({
      time_ns: '4294967295999999999',
      time: '2106-02-07T06:28:15.999999999Z',
    });
    expect(at(2 ** 53, 7)).toMatchObject({ time_ns: '9007199254740992000000007' });
    expect(at(2 ** 53, 7)).not.toHaveProperty('time');
  });

  it('fits its schema for every capture that ships', () => {
    for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith('.pcap'))) {
      for (const frame of framesOf(CAPTURES + name, { tap: name })) {
        expect(validate(frameRecord(frame)), JSON.stringify(validate.errors)).toBe(true);
      }
    }
  });

  it('fits its schema whatever the bytes', () => {
    const mutant = fc.tuple(
      fc.array(fc.tuple(fc.nat({ max: 147 }), fc.nat({ max: 255 })), { maxLength: 6 }),
      fc.nat({ max: 148 }),
      fc.constantFrom(1, 12, 113, 276, 0, 101, 228, 229, 9999),
    );
    fc.assert(
      fc.property(mutant, ([changes, length, linkType]) => {
        const bytes = new Uint8Array(PING.bytes);
        for (const [at, value] of changes) bytes[at] = value;
        const record = frameRecord(dissect(bytes.subarray(0, length), { linkType, wireLen: 148 }));
        expect(validate(record), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('is refused by its schema when it is not one', () => {
    const record = frameRecord(PING);
    for (const wrong of [
      { ...record, schema: 'vxdump.frame/2' },
      { ...record, stop: undefined },
      { ...record, extra: 1 },
      { ...record, frame: { ...record.frame, time_ns: 5 } },
      { ...record, layers: [{ layer: 'eth' }] },
      { ...record, layers: [{ layer: 'xyz', at: 0 }] },
    ]) {
      expect(validate(JSON.parse(JSON.stringify(wrong)))).toBe(false);
    }
  });
});

describe('the JSON array', () => {
  it('is one, with frames and without', () => {
    const frames = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`);
    expect(JSON.parse(textOf(jsonReport(), frames))).toEqual(frames.map((frame) => frameRecord(frame)));
    expect(JSON.parse(textOf(jsonReport(), []))).toEqual([]);
  });
});
