/** What holds for any bytes at all. */

import { checkOf } from '../../src/checksum/check.js';
import { ChecksumVerdict, checksumVerdict, expectedChecksum } from '../../src/dissect/checksum-verdict.js';
import { areCommonAndRight } from '../../src/dissect/common-checksums.js';
import * as common from '../../src/dissect/common-layout.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { walk } from '../../src/dissect/walk.js';
import { LayerKind, LayerStack, MAX_LAYERS, MAX_TUNNELS } from '../../src/wire/stack.js';
import { StopCode } from '../../src/wire/stop.js';
import { read } from './layers.js';

const dissector = new Dissector();

/** Bytes that can be read in `[from, to)` only: anything else throws. */
function fenced(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Proxy(bytes, {
    get(target, key) {
      // What a DataView asks for: loads through one are not fenced, which is why the walk is checked by itself.
      if (key === 'buffer' || key === 'byteOffset' || key === 'byteLength') return target[key];
      const index = Number(key);
      if (!(index >= from && index < to)) throw new Error(`reads ${String(key)}, outside ${from}..${to}`);
      return target[index];
    },
  });
}

function claim(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Dissects a frame and throws where an invariant does not hold. @param at bytes in front of the frame */
export function checkInvariants(frame: Uint8Array, at: number, wireLen: number, linkType: number): void {
  const held = new Uint8Array(at + frame.length).fill(0xff);
  held.set(frame, at);
  const frameEnd = at + frame.length;
  // The walk reads nothing outside the frame, and the fast path leaves what the walk leaves.
  const walked = new LayerStack(dissector.stack.portKinds);
  walked.reset(fenced(held, at, frameEnd), at, frame.length, wireLen);
  walk(walked, linkType);
  const stack = dissector.dissect(held, at, frame.length, wireLen, linkType);
  claimSame(walked, stack, frame.length < wireLen);
  if (stack.isCommon) claimCommon(stack, at);

  claim(stack.depth <= MAX_LAYERS, 'more layers than the limit');
  let tunnels = 0;
  for (let index = 0; index < stack.depth; index++) {
    const kind = stack.kind(index);
    const layerAt = stack.layerAt(index);
    const layerEnd = stack.layerEnd(index);
    claim(kind !== LayerKind.None && kind !== LayerKind.RawIp, `layer ${index} is nothing`);
    claim(
      layerAt >= (index === 0 ? at : stack.layerAt(index - 1) + 1),
      `layer ${index} starts before the one around it`,
    );
    claim(layerEnd >= layerAt, `layer ${index} ends before it starts`);
    claim(
      layerEnd <= (index === 0 ? frameEnd : stack.layerEnd(index - 1)),
      `layer ${index} ends past the one around it`,
    );
    if (isTunnel(kind) && (stack.quotedIndex < 0 || index < stack.quotedIndex)) tunnels++;
    // Every accessor answers, from its own layer's bytes alone.
    for (const [name, value] of Object.entries(read(fenced(held, layerAt, layerEnd), kind, layerAt, layerEnd))) {
      claim(typeof value === 'boolean' || Number.isSafeInteger(value), `layer ${index}: ${name} is ${value}`);
      claim(Number(value) >= -1, `layer ${index}: ${name} is ${value}`);
    }
  }
  claimVerdicts(stack, held, at, frame.length, wireLen, linkType);
  claim(stack.at <= stack.end && stack.end <= frameEnd, 'the walk ends past its bound');
  claim(tunnels === stack.tunnels && tunnels <= MAX_TUNNELS, `${tunnels} tunnels, ${stack.tunnels} counted`);
  claim(
    tunnels === 0 ? stack.tunnelIndex === -1 : isTunnel(stack.kind(stack.tunnelIndex)),
    'the innermost tunnel is none',
  );
  claim(stack.quotedIndex >= -1 && stack.quotedIndex <= stack.depth, 'the quotation starts nowhere');

  const stop = stack.stop();
  claim(frame.length >= wireLen || stack.stopCode === StopCode.Truncated, 'cut by its snaplen, and not truncated');
  if (stop === null) return;
  claim(stop.at >= 0 && stop.at <= frame.length, `stops at ${stop.at}`);
  claim(stop.available >= 0 && stop.needed >= 0, `${stop.available} of ${stop.needed} bytes`);
  claim(stop.needed > 0 === (stop.lenSource !== null) || stop.code === 'too-deep', 'a length without a source');
  const short = stop.code === 'truncated' || stop.code === 'too-deep';
  claim(!short || stop.needed > stop.available, 'nothing is missing');
}

function claimSame(walked: LayerStack, stack: LayerStack, cut: boolean): void {
  const all = (of: LayerStack): string =>
    JSON.stringify([
      ...Array.from({ length: of.depth }, (_, index) => [of.kind(index), of.layerAt(index), of.layerEnd(index)]),
      of.tunnels,
      of.tunnelIndex,
      of.quotedIndex,
      of.firstFragment,
      cut ? 'cut' : of.stop(),
    ]);
  claim(all(walked) === all(stack), `the fast path leaves ${all(stack)}, the walk ${all(walked)}`);
}

/** The layers of a common frame lie where `common-layout` says, and nothing of it is cut, optional or a fragment. */
function claimCommon(stack: LayerStack, at: number): void {
  const { IP, UDP, VXLAN, INNER, INNER_IP, INNER_L4 } = common;
  const ats = [0, IP, UDP, VXLAN, INNER, INNER_IP, INNER_L4].map((offset) => at + offset);
  claim(`${stack.ats.subarray(0, stack.depth)}` === `${ats}`, 'common, and its layers lie elsewhere');
  const kinds = [
    LayerKind.Ethernet,
    LayerKind.Ipv4,
    LayerKind.Udp,
    LayerKind.Vxlan,
    LayerKind.Ethernet,
    LayerKind.Ipv4,
  ];
  claim(`${stack.kinds.subarray(0, 6)}` === `${kinds}`, 'common, and its layers are others');
  claim(
    [LayerKind.Tcp, LayerKind.Udp, LayerKind.Icmpv4].some((kind) => kind === stack.kind(6)),
    'common, in another',
  );
  const isWhole = stack.fragmentIndex < 0 && stack.quotedIndex < 0 && !stack.firstFragment;
  claim(isWhole && [StopCode.None, StopCode.Unsupported].some((code) => code === stack.stopCode), 'common, and cut');
}

/** Checksums are decided by the frame's bytes alone, and right all at once only where each is. */
function claimVerdicts(
  stack: LayerStack,
  held: Uint8Array,
  at: number,
  len: number,
  wireLen: number,
  linkType: number,
): void {
  const all = (of: LayerStack): number[] => Array.from({ length: of.depth }, (_, index) => checksumVerdict(of, index));
  const verdicts = all(stack);
  if (areCommonAndRight(stack, checkOf(stack.bytes))) {
    const allowed: number[] = [ChecksumVerdict.NotChecked, ChecksumVerdict.Right, ChecksumVerdict.Absent];
    claim(
      verdicts.every((verdict) => allowed.includes(verdict)),
      `${verdicts} are said to be right`,
    );
  }
  verdicts.forEach((verdict, index) => {
    if (verdict === ChecksumVerdict.Wrong) claim(expectedChecksum(stack, index) <= 0xffff, 'no checksum is right');
  });
  const alone = new Uint8Array(at + len + 8);
  alone.set(held.subarray(at, at + len), at);
  const again = all(new Dissector().dissect(alone, at, len, wireLen, linkType));
  claim(`${again}` === `${verdicts}`, `checksums are ${verdicts}, and ${again} among other bytes`);
}

function isTunnel(kind: LayerKind): boolean {
  return kind === LayerKind.Vxlan || kind === LayerKind.VxlanGpe || kind === LayerKind.Geneve || kind === LayerKind.Gre;
}
