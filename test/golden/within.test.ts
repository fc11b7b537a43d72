/** `within`, and frames whose capture has no time for them. */
import { expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { GoldenCheck } from '../../src/golden/check.js';
import { parseGolden } from '../../src/golden/expectation.js';
import type { TapGolden } from '../../src/golden/golden.js';
import { framesOf } from '../helpers/captures.js';

const [ask, answer] = framesOf('fixtures/captures/ovs-golden.hv1-vm1.pcap') as [FrameView, FrameView];
const timeless = (frame: FrameView): FrameView => dissect(frame.bytes);

async function held(within: string, frames: readonly FrameView[]): Promise<ReturnType<GoldenCheck['finish']>> {
  const golden = await parseGolden(
    `schema: vxdump.golden/1
name: x
steps:
  - { name: ask, match: { arp.opcode: 1 }${within} }
  - { name: answer, match: { arp.opcode: 2 }${within} }
`,
    'within.yaml',
  );
  const check = new GoldenCheck(golden, golden.taps[0] as TapGolden);
  for (const frame of frames) check.add(frame);
  return check.finish();
}

it('does not hold for a frame without a time', async () => {
  expect((await held(', within: 1s', [ask, answer])).passed).toBe(true);
  for (const frames of [
    [timeless(ask), timeless(answer)],
    [ask, timeless(answer)],
  ]) {
    expect((await held(', within: 1s', frames)).passed).toBe(false);
  }
  expect((await held('', [timeless(ask), timeless(answer)])).passed).toBe(true);
});
