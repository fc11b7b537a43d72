/**
 * Dissects frames: the fast path for the common shape, the walk for all others and for what the fast path hands over.
 */
import * as geneve from '../wire/geneve.js';
import { LINK_ETHERNET } from '../wire/link-type.js';
import { LayerKind, LayerStack } from '../wire/stack.js';
import { LenSource, StopCode } from '../wire/stop.js';
import * as vxlan from '../wire/vxlan.js';
import { enterCommon, NOT_COMMON } from './common-shape.js';
import { walk, walkFrom } from './walk.js';

/** What a dissector may be told. */
export interface DissectorOptions {
  /** UDP destination ports that carry VXLAN, in place of 4789 and 8472; 0..65535 each. */
  readonly vxlanPorts?: readonly number[];
}

/** Frames as columns: what a dissector needs of a capture's batch. */
export interface FrameColumns {
  readonly bytes: Uint8Array;
  readonly at: Int32Array;
  readonly capturedLen: Int32Array;
  readonly wireLen: Uint32Array;
  readonly linkType: Uint16Array;
}

/** Ports that carry VXLAN unless told otherwise: IANA's and Linux's. */
export const DEFAULT_VXLAN_PORTS: readonly number[] = [vxlan.UDP_PORT, vxlan.LINUX_UDP_PORT];

/** What each UDP destination port carries: 65,536 entries of `LayerKind`. */
export function portKinds({ vxlanPorts = DEFAULT_VXLAN_PORTS }: DissectorOptions): Uint8Array {
  const kinds = new Uint8Array(65_536);
  kinds[geneve.UDP_PORT] = LayerKind.Geneve;
  for (const port of vxlanPorts) kinds[port] = LayerKind.Vxlan;
  // Also where it was named: GPE without its P flag is VXLAN, and with it VXLAN would be misread.
  kinds[vxlan.GPE_UDP_PORT] = LayerKind.VxlanGpe;
  return kinds;
}

/** Dissects frame after frame into one `LayerStack`. */
export class Dissector {
  /** The layers of the last frame. **Lifetime** until the next `dissect`; the bytes behind it are borrowed. */
  readonly stack: LayerStack;

  constructor(options: DissectorOptions = {}) {
    this.stack = new LayerStack(portKinds(options));
  }

  /**
   * Finds the layers of one frame. Never throws, whatever the bytes.
   *
   * @param bytes what holds the frame; borrowed until the next call
   * @param at the frame's first byte
   * @param capturedLen bytes captured of it; all lie within `bytes`
   * @param wireLen bytes it had on the wire
   * @param linkType LINKTYPE_ value of its first header
   * @returns the stack, the same object every time
   *
   * **Stops** all codes, in `stack.stopCode`. **Cost** no allocation.
   */
  dissect(bytes: Uint8Array, at: number, capturedLen: number, wireLen: number, linkType: number): LayerStack {
    const stack = this.stack;
    if (bytes !== stack.bytes) stack.hold(bytes);
    const common = capturedLen === wireLen && linkType === LINK_ETHERNET;
    const next = common ? enterCommon(stack, at, at + capturedLen) : NOT_COMMON;
    stack.isCommon = next === LayerKind.None;
    if (next !== LayerKind.None) walkOn(stack, next, at, capturedLen, wireLen, linkType);
    return stack;
  }

  /** Dissects one frame of a batch. @param index its place there, 0..count-1. Otherwise as `dissect`. */
  dissectFrame(batch: FrameColumns, index: number): LayerStack {
    return this.dissect(
      batch.bytes,
      batch.at[index] as number,
      batch.capturedLen[index] as number,
      batch.wireLen[index] as number,
      batch.linkType[index] as number,
    );
  }
}

/** Walks a frame, or what `enterCommon` left of it. */
function walkOn(
  stack: LayerStack,
  next: number,
  at: number,
  capturedLen: number,
  wireLen: number,
  linkType: number,
): void {
  if (next === NOT_COMMON) {
    stack.reset(stack.bytes, at, capturedLen, wireLen);
    walk(stack, linkType);
  } else {
    walkFrom(stack, next as LayerKind);
  }
  if (capturedLen < wireLen && stack.stopCode !== StopCode.Truncated) noteCut(stack, capturedLen, wireLen);
}

/** A frame that its snaplen cut is `truncated` even where nothing that was walked had missed the rest. */
function noteCut(stack: LayerStack, capturedLen: number, wireLen: number): void {
  stack.stopCode = StopCode.Truncated;
  stack.stopLayer = LayerKind.None;
  stack.stopAt = stack.frameAt;
  stack.stopNeeded = wireLen;
  stack.stopAvailable = capturedLen;
  stack.stopLenSource = LenSource.Wire;
}
