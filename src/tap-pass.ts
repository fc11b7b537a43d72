/**
 * What one tap shows, frame by frame: it dissects, counts, and looks for evidence. Pairing, which has to see all taps, is
 * not done here.
 */
import type { FrameBatch } from './capture/source.js';
import { Dissector, type DissectorOptions } from './dissect/dissector.js';
import { Evidence } from './evidence/evidence.js';
import { MAX_PAIRED, TAKES_BARE, TAKES_TUNNELS } from './evidence/plain-layout.js';
import type { Inventory } from './inventory/inventory.js';
import { TapTally } from './inventory/tap-tally.js';
import type { LayerStack } from './wire/stack.js';

/** The pass over one tap. */
export class TapPass {
  /** Its own: a dissector keeps a view of the bytes that it last saw. */
  readonly dissector: Dissector;
  readonly tally: TapTally;
  readonly evidence: Evidence;
  /** The number of the frame that what `take` gave last stands at. */
  frame: number;
  /** The row of its sender in the inventory; -1 without a tunnel. */
  sender: number;
  /** Frames that `isPlain` counted ahead: their places in the batch, and the number of the first. */
  plainFrom: number;
  plainEnd: number;
  plainFrame: number;
  readonly #baseSeconds: number;
  readonly #takes: number;
  /** Of the batch at hand, the first frame that is not known to be plain or not. */
  #known = 0;

  /**
   * @param inventory of all taps
   * @param baseSeconds what times are counted from
   * @param paired whether its tunnels are paired, where frames are paired at all; else null
   */
  constructor(
    inventory: Inventory,
    baseSeconds: number,
    paired: { readonly underlay: boolean } | null,
    options: DissectorOptions,
  ) {
    this.dissector = new Dissector(options);
    this.tally = new TapTally();
    this.evidence = new Evidence(inventory, paired !== null, options);
    this.frame = 0;
    this.sender = -1;
    this.plainFrom = 0;
    this.plainEnd = 0;
    this.plainFrame = 0;
    this.#baseSeconds = baseSeconds;
    // A tunnel that is not paired makes a frame like any other, and that is not for plain ones.
    this.#takes = paired?.underlay ? TAKES_BARE | TAKES_TUNNELS : TAKES_BARE;
  }

  /**
   * Dissects a frame and counts what it shows.
   *
   * @returns what it is to be paired as; null where it is a fragment of what stands at another frame
   *
   * **Cost** amortised no allocation, save for fragments.
   */
  take(batch: FrameBatch, index: number): LayerStack | null {
    const { tally } = this;
    const stack = this.dissector.dissectFrame(batch, index);
    const seconds = batch.seconds[index] as number;
    const nanoseconds = batch.nanoseconds[index] as number;
    const timeNs = (seconds - this.#baseSeconds) * 1e9 + nanoseconds;
    if (stack.fragmentIndex >= 0) return this.#takeFragment(stack, batch, index, timeNs);
    tally.add(stack, seconds, nanoseconds);
    this.frame = tally.frames;
    this.evidence.clock.timeNs = timeNs;
    this.sender = this.evidence.see(tally.frames, stack);
    return stack;
  }

  /**
   * Counts frames that show nothing besides being there, without dissecting them: `dissector`, `frame` and `sender` stay as
   * they were.
   *
   * @param from place of the first in the batch
   * @param end where to stop at the latest
   * @returns how many were counted, 0 and up: in a row, to the first that is to be taken
   *
   * **Cost** no allocation.
   */
  takePlain(batch: FrameBatch, from: number, end: number): number {
    const { tally, evidence } = this;
    const frames = evidence.countPlain(batch, from, end, tally.frames + 1, this.#baseSeconds, this.#takes);
    if (frames === 0) return 0;
    const last = from + frames - 1;
    const { bytes, bare, udp, bareUdp } = evidence.plainFrames;
    // What UDP carries inside is to no port that is known.
    const unsupported = udp + bareUdp;
    tally.addPlain(frames, bare, bytes, unsupported, batch.seconds[last] as number, batch.nanoseconds[last] as number);
    return frames;
  }

  /**
   * Whether a frame is counted already, and only to be paired; else it is to be taken. Those behind it may be counted with
   * it, ahead of their turn: so each is to be asked for, in their order, until `endBatch`.
   *
   * **Cost** no allocation.
   */
  isPlain(batch: FrameBatch, index: number): boolean {
    if (index >= this.#known) {
      const frame = this.tally.frames + 1;
      const end = Math.min(batch.count, index + MAX_PAIRED);
      this.plainEnd = index + this.takePlain(batch, index, end);
      this.plainFrom = index;
      this.plainFrame = frame;
      // The one behind was looked at, too, and is none: asked for again, its sender would be known by that alone.
      this.#known = Math.min(this.plainEnd + 1, end);
    }
    return index < this.plainEnd;
  }

  /** Says that all frames of a batch were taken. */
  endBatch(): void {
    this.#known = 0;
    this.plainEnd = 0;
  }

  #takeFragment(stack: LayerStack, batch: FrameBatch, index: number, timeNs: number): LayerStack | null {
    const { tally, evidence } = this;
    const { fragments } = evidence;
    const taken = fragments.take(stack, tally.frames + 1, timeNs, batch.interfaceId[index] as number);
    tally.addFragment(stack, batch.seconds[index] as number, batch.nanoseconds[index] as number, taken);
    this.frame = fragments.frame;
    if (taken === null) return null;
    evidence.clock.timeNs = timeNs;
    this.sender = evidence.see(fragments.frame, taken);
    fragments.sentBy(this.sender, taken);
    return taken;
  }
}
