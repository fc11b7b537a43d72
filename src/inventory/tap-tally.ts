/**
 * What one tap holds: frames, bytes, times, stops, and the role that its frames give it.
 */
import { i32, u16 } from '../wire/bytes.js';
import { isVxlan, type LayerStack } from '../wire/stack.js';
import { STOP_NAMES, StopCode } from '../wire/stop.js';
import { KeyTable } from './key-table.js';
import { linkSourceAt } from './link-source.js';

/** Where a tap sits: it sees bare frames, encapsulated ones, both, or nothing. */
export type Role = 'overlay' | 'underlay' | 'mixed' | 'empty';

/** The most source MACs of bare frames that are remembered of a tap. */
const MAX_BARE_MACS = 65_536;

/** Counts the frames of one tap. */
export class TapTally {
  frames: number;
  vxlanFrames: number;
  /** Bytes on the wire. */
  bytes: number;
  #firstSeconds = Number.NaN;
  #firstNanoseconds = 0;
  #lastSeconds = Number.NaN;
  #lastNanoseconds = 0;
  readonly #stops: Float64Array;
  readonly #bareMacs: KeyTable;

  constructor() {
    this.frames = 0;
    this.vxlanFrames = 0;
    this.bytes = 0;
    this.#stops = new Float64Array(STOP_NAMES.length);
    this.#bareMacs = new KeyTable(MAX_BARE_MACS);
  }

  /**
   * Counts one frame.
   *
   * @param seconds whole seconds since 1970; NaN where the capture has no time
   * @param nanoseconds 0..999,999,999
   *
   * **Cost** amortised no allocation.
   */
  add(stack: LayerStack, seconds: number, nanoseconds: number): void {
    this.#count(stack, seconds, nanoseconds);
    if (hasVxlan(stack)) this.vxlanFrames++;
    else this.#addBare(stack);
  }

  /**
   * Counts frames whose times do not step back, and of which those without a VXLAN layer are from MACs that were seen.
   *
   * @param bare how many of them have none
   * @param bytes of them all, on the wire
   * @param unsupported how many of them stop there
   * @param seconds of the last of them
   *
   * **Cost** no allocation.
   */
  addPlain(
    frames: number,
    bare: number,
    bytes: number,
    unsupported: number,
    seconds: number,
    nanoseconds: number,
  ): void {
    this.frames += frames;
    this.vxlanFrames += frames - bare;
    this.bytes += bytes;
    this.#stops[StopCode.Unsupported] = (this.#stops[StopCode.Unsupported] as number) + unsupported;
    this.#seeTime(seconds, nanoseconds);
  }

  /** Counts a frame that is a fragment. @param taken what it is taken for, as `Fragments` says. **Cost** amortised no allocation. */
  addFragment(stack: LayerStack, seconds: number, nanoseconds: number, taken: LayerStack | null): void {
    this.#count(stack, seconds, nanoseconds);
    if (taken !== null && hasVxlan(taken)) this.vxlanFrames++;
    else this.#addBare(stack);
  }

  #count({ wireLen, stopCode }: LayerStack, seconds: number, nanoseconds: number): void {
    this.frames++;
    this.bytes += wireLen;
    if (stopCode !== StopCode.None) this.#stops[stopCode] = (this.#stops[stopCode] as number) + 1;
    this.#seeTime(seconds, nanoseconds);
  }

  #seeTime(seconds: number, nanoseconds: number): void {
    if (seconds > this.#lastSeconds || (seconds === this.#lastSeconds && nanoseconds > this.#lastNanoseconds)) {
      this.#lastSeconds = seconds;
      this.#lastNanoseconds = nanoseconds;
    } else if (
      !(seconds >= this.#firstSeconds) ||
      (seconds === this.#firstSeconds && nanoseconds < this.#firstNanoseconds)
    ) {
      this.#addEarliest(seconds, nanoseconds);
    }
  }

  /** Least time, in ns since 1970; null where no frame had one. */
  get firstTimeNs(): bigint | null {
    return timeNs(this.#firstSeconds, this.#firstNanoseconds);
  }

  /** Greatest time, in ns since 1970; null where no frame had one. */
  get lastTimeNs(): bigint | null {
    return timeNs(this.#lastSeconds, this.#lastNanoseconds);
  }

  /** Frames by stop code, those without a stop left out. **Cost** one object. */
  stops(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (let code = 1; code < STOP_NAMES.length; code++) {
      const count = this.#stops[code] as number;
      if (count > 0) counts[STOP_NAMES[code] as string] = count;
    }
    return counts;
  }

  /**
   * The role that the frames give: bare ones only, encapsulated ones (with what an underlay has besides), or both,
   * where bare frames come from a MAC that also sends inside a tunnel.
   *
   * @param innerMacs MACs that sent an inner frame at any tap, as `Inventory` has them
   */
  role(innerMacs: KeyTable): Role {
    if (this.frames === 0) return 'empty';
    if (this.vxlanFrames === 0) return 'overlay';
    return this.sentInside(innerMacs) ? 'mixed' : 'underlay';
  }

  /** Whether a bare frame came from a MAC that also sends inside a tunnel. @param innerMacs as for `role` */
  sentInside(innerMacs: KeyTable): boolean {
    for (let row = 0; row < this.#bareMacs.size; row++) {
      if (innerMacs.find(this.#bareMacs.word(row, 0), this.#bareMacs.word(row, 1), 0, 0) >= 0) return true;
    }
    return false;
  }

  /** Whether a bare frame came from this MAC. @param mac 0..2^48-1 */
  sentBare(mac: number): boolean {
    return this.#bareMacs.find(Math.floor(mac / 0x1_0000_0000), mac | 0, 0, 0) >= 0;
  }

  #addEarliest(seconds: number, nanoseconds: number): void {
    if (Number.isNaN(seconds)) return;
    this.#firstSeconds = seconds;
    this.#firstNanoseconds = nanoseconds;
    if (Number.isNaN(this.#lastSeconds)) {
      this.#lastSeconds = seconds;
      this.#lastNanoseconds = nanoseconds;
    }
  }

  #addBare(stack: LayerStack): void {
    const at = linkSourceAt(stack, 0);
    if (at >= 0) this.#bareMacs.row(u16(stack.bytes, at), i32(stack.bytes, at + 2), 0, 0);
  }
}

/** Whether a frame has a VXLAN layer that is not part of a quotation. **Cost** no allocation. */
function hasVxlan(stack: LayerStack): boolean {
  for (let index = stack.tunnelIndex; index >= 0; index--) {
    if (isVxlan(stack.kinds[index])) return true;
  }
  return false;
}

function timeNs(seconds: number, nanoseconds: number): bigint | null {
  return Number.isNaN(seconds) ? null : BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}
