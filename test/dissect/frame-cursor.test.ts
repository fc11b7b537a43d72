import { expect, it } from 'vitest';
import { FrameCursor } from '../../src/dissect/frame-cursor.js';
import type { FrameView } from '../../src/dissect/frame-view.js';
import { framesOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
const UNDERLAY = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`);

it('counts, and shows the last frame that it was moved to', () => {
  const cursor = new FrameCursor('tap');
  const view = UNDERLAY[2] as FrameView;
  const columns = {
    bytes: view.bytes,
    at: Int32Array.of(0),
    capturedLen: Int32Array.of(view.capturedLen),
    wireLen: Uint32Array.of(view.wireLen),
    seconds: Float64Array.of(Number.NaN),
    nanoseconds: Int32Array.of(0),
    linkType: Uint16Array.of(1),
    interfaceId: Int32Array.of(9),
  };
  cursor.move(columns, 0, []);
  const first = cursor.view();
  expect(first.protocols).toBe(view.protocols);
  expect(first.interfaceName).toBeNull();
  cursor.move(columns, 0, []);
  expect(cursor.number).toBe(2);
  expect(() => first.protocols).toThrow('frame 1');
});
