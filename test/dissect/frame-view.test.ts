import { describe, expect, it } from 'vitest';
import { FrameBatch, type FrameSource } from '../../src/capture/source.js';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { frames } from '../../src/frames.js';
import { frameRecord } from '../../src/report/frame-record.js';
import { framesOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
const UNDERLAY = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`);

/** A source that gives the same batch over and over, as a real one does with its buffer. */
function sourceOf(views: readonly FrameView[]): FrameSource & { closed: boolean } {
  const batch = new FrameBatch(2);
  const source = {
    path: 'some.pcap',
    format: 'pcap',
    compression: 'none',
    timeDigits: 6,
    interfaces: [{ linkType: 1, snaplen: 0, name: 'eth0' }],
    end: null,
    bytesRead: 0,
    size: null,
    closed: false,
    close: async () => {},
    async *[Symbol.asyncIterator]() {
      try {
        batch.bytes = Buffer.alloc(2048);
        for (let index = 0; index < views.length; index += 2) {
          batch.bytes.fill(0xee);
          batch.count = Math.min(2, views.length - index);
          for (let i = 0; i < batch.count; i++) {
            const view = views[index + i] as FrameView;
            batch.bytes.set(view.bytes, 7 + 1024 * i);
            batch.at[i] = 7 + 1024 * i;
            batch.capturedLen[i] = view.capturedLen;
            batch.wireLen[i] = view.wireLen;
            batch.seconds[i] = view.seconds;
            batch.nanoseconds[i] = view.nanoseconds;
            batch.linkType[i] = 1;
            batch.interfaceId[i] = 0;
          }
          yield batch;
        }
      } finally {
        source.closed = true;
      }
    },
  } as FrameSource & { closed: boolean };
  return source;
}

describe('frames', () => {
  it('gives every frame with its place, its time and its layers', async () => {
    const seen: string[] = [];
    for await (const view of frames(sourceOf(UNDERLAY), { tap: 'hv1' })) {
      seen.push(`${view.tap} ${view.number} ${view.interfaceName} ${view.timeNs} ${view.protocols}`);
    }
    expect(seen).toEqual([
      'hv1 1 eth0 1795348315807312000 eth:arp',
      'hv1 2 eth0 1795348315807733000 eth:arp',
      'hv1 3 eth0 1795348315832114000 eth:ip:udp:vxlan:eth:arp',
      'hv1 4 eth0 1795348315832688000 eth:ip:udp:vxlan:eth:arp',
      'hv1 5 eth0 1795348315835773000 eth:ip:udp:vxlan:eth:ip:icmp',
      'hv1 6 eth0 1795348315836353000 eth:ip:udp:vxlan:eth:ip:icmp',
    ]);
  });

  it('lends a view until the next step, whichever way it is used', async () => {
    const kept: FrameView[] = [];
    for await (const view of frames(sourceOf(UNDERLAY))) kept.push(view);
    const late = expect.objectContaining({ code: 'E_LATE_VIEW' });
    for (const view of kept) {
      expect(() => view.stack).toThrow(late);
      expect(() => view.protocols).toThrow(late);
      expect(() => view.bytes).toThrow(late);
      expect(() => view.stop()).toThrow(late);
      expect(() => view.pin()).toThrow(late);
      expect(() => [...view.layers()]).toThrow(late);
      // What it does not borrow stays.
      expect(view.number).toBeGreaterThan(0);
    }
  });

  it('notices a step between two layers', async () => {
    const source = frames(sourceOf(UNDERLAY));
    const first = (await source.next()).value as FrameView;
    const layers = first.layers();
    expect(layers.next().value).toMatchObject({ name: 'eth', at: 0, end: 42, quoted: false });
    await source.next();
    expect(() => layers.next()).toThrow(expect.objectContaining({ code: 'E_LATE_VIEW' }));
    await source.return();
  });

  it('keeps what is pinned, byte for byte and layer for layer', async () => {
    const pinned: FrameView[] = [];
    const before: unknown[] = [];
    for await (const view of frames(sourceOf(UNDERLAY))) {
      before.push(frameRecord(view));
      pinned.push(view.pin());
    }
    expect(pinned.map((view) => frameRecord(view))).toEqual(before);
    expect(pinned.map((view) => view.bytes)).toEqual(UNDERLAY.map((view) => view.bytes));
    expect(pinned.map((view) => [...view.pin().layers()])).toEqual(UNDERLAY.map((view) => [...view.layers()]));
  });

  it('closes its source when its user leaves, and when it is aborted', async () => {
    const left = sourceOf(UNDERLAY);
    for await (const _ of frames(left)) break;
    expect(left.closed).toBe(true);
    const aborted = sourceOf(UNDERLAY);
    const control = new AbortController();
    const run = (async () => {
      for await (const view of frames(aborted, { signal: control.signal })) {
        if (view.number === 3) control.abort(new Error('enough'));
      }
    })();
    await expect(run).rejects.toThrow('enough');
    expect(aborted.closed).toBe(true);
  });
});

describe('dissect', () => {
  const bytes = (UNDERLAY[4] as FrameView).bytes;

  it('gives a view that lasts, from bytes alone', () => {
    const view = dissect(bytes);
    dissect(new Uint8Array(0));
    expect(view.protocols).toBe('eth:ip:udp:vxlan:eth:ip:icmp');
    expect(view.timeNs).toBeNull();
    expect(view.stop()).toBeNull();
    expect([...view.layers()].map((layer) => [layer.name, layer.at, layer.end])).toEqual([
      ['eth', 0, 148],
      ['ip', 14, 148],
      ['udp', 34, 148],
      ['vxlan', 42, 148],
      ['eth', 50, 148],
      ['ip', 64, 148],
      ['icmp', 84, 148],
    ]);
  });

  it('takes the link type, the length on the wire and the ports that it is told', () => {
    expect(dissect(bytes.subarray(14), { linkType: 101 }).protocols).toBe('ip:udp:vxlan:eth:ip:icmp');
    expect(dissect(bytes, { vxlanPorts: [1] }).protocols).toBe('eth:ip:udp');
    expect(dissect(bytes.subarray(0, 60), { wireLen: 148 }).stop()).toMatchObject({ code: 'truncated' });
    expect(dissect(bytes, { linkType: 65_000 }).stop()).toMatchObject({ code: 'unsupported', layer: 'frame' });
  });
});
