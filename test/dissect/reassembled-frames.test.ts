/** A cursor that puts fragments together, against the same frames as they were captured. */
import { expect, it } from 'vitest';
import { FrameBatch } from '../../src/capture/source.js';
import { protocols } from '../../src/dissect/frame.js';
import { FrameCursor } from '../../src/dissect/frame-cursor.js';
import { LINK_ETHERNET } from '../../src/wire/link-type.js';
import { inFragments } from '../helpers/fragments.js';
import { ethernet, frame, icmpv4, ipv4, payload, udp, vxlan } from '../helpers/frame-builder.js';

/** What a cursor shows of these frames, one after the other. */
function shown(
  frames: readonly Uint8Array[],
  reassemble: boolean,
): [protocols: string, bytes: number, wireLen: number][] {
  const cursor = new FrameCursor('eth0', { reassemble });
  return frames.map((bytes) => {
    const batch = new FrameBatch(1);
    batch.bytes = bytes;
    batch.count = 1;
    batch.capturedLen[0] = bytes.length;
    batch.wireLen[0] = bytes.length;
    batch.linkType[0] = LINK_ETHERNET;
    cursor.move(batch, 0, []);
    return [protocols(cursor.stack), cursor.stack.frameEnd - cursor.stack.frameAt, cursor.wireLen];
  });
}

const ping = frame(icmpv4(), payload(new Uint8Array(1400)));
const inner = inFragments(ping, 1000, { around: [ethernet()], protocol: 1 });
const carried = inner.map((bytes) =>
  frame(udp({ destinationPort: 4789, checksum: 0 }), vxlan({ vni: 1 }), payload(bytes)),
);
/** An inner datagram in two fragments, each in an outer one in two. */
const nested = carried.flatMap((bytes, index) => inFragments(bytes, 400, { identification: index }));

it('shows a datagram at the frame that makes it whole, and what is inside that one in turn', () => {
  const whole = 'eth:ip:udp:vxlan:eth:ip:icmp';
  const result = shown(nested, true);
  expect(result.map(([names]) => names)).toEqual([whole, 'eth:ip', whole, 'eth:ip:udp:vxlan:eth:ip', whole]);
  expect(result.map(([, bytes]) => bytes)).toEqual([
    434,
    434,
    34 + (carried[0] as Uint8Array).length,
    434,
    84 + ping.length,
  ]);
  // Frames stay as long as they were.
  expect(result.map(([, , wireLen]) => wireLen)).toEqual(nested.map(({ length }) => length));
});

it('shows frames as captured unless told, and those that are no fragments in any case', () => {
  expect(shown(nested, false).map(([, bytes]) => bytes)).toEqual(nested.map(({ length }) => length));
  const plain = [frame(ethernet(), ipv4(), payload(ping)), nested[0], nested[1], frame(ethernet(), ipv4(), icmpv4())];
  expect(shown(plain as Uint8Array[], true)).toEqual(shown(plain as Uint8Array[], false));
});
