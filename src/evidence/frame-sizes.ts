/**
 * How long the packets in frames were, and whose, by the frames' numbers: so that one can say of frames that vanished on
 * the way whether their size set them apart.
 */
import { LayerKind, type LayerStack } from '../wire/stack.js';

/** The first frames of a tap, this many, are kept, with 4 bytes each. */
const MAX_SIZED_FRAMES = 1_048_576;
/** TCP in longer packets is yet to be cut by segmentation offload, or was put together by it: no wire saw that length. */
const LONGEST_SEGMENT = 1600;
/** A frame's length, 16 bits, and above it the inventory's row plus one: 0 without a tunnel, and for rows that do not fit. */
const LEN_MASK = 0xffff;
const ROW_SHIFT = 16;
const MAX_ROW = 0xfffe;
const IPV4_TOTAL_LENGTH = 2;
const IPV6_PAYLOAD_LENGTH = 4;
const IPV6_HEADER_LEN = 40;

/** Sizes of the first frames of one tap. */
export class FrameSizes {
  #words: Int32Array;

  constructor() {
    this.#words = new Int32Array(1024);
  }

  /** Keeps a frame's. @param row of its sender in the inventory; -1 without a tunnel. **Cost** amortised no allocation. */
  see(frame: number, stack: LayerStack, row: number): void {
    if (frame >= MAX_SIZED_FRAMES) return;
    if (frame >= this.#words.length) this.#makeRoom(frame);
    const len = Math.min(packetLen(stack, stack.tunnelIndex + 1), LEN_MASK);
    this.#words[frame] = len | (row > MAX_ROW ? 0 : (row + 1) << ROW_SHIFT);
  }

  /** Keeps those of frames in a row. @param words what is kept of each, from `at` on. **Cost** amortised no allocation. */
  seeRun(frame: number, words: Int32Array, at: number, frames: number): void {
    const count = Math.min(frames, MAX_SIZED_FRAMES - frame);
    if (count <= 0) return;
    if (frame + count > this.#words.length) this.#makeRoom(frame + count - 1);
    for (let index = 0; index < count; index++) this.#words[frame + index] = words[at + index] as number;
  }

  /** Length of the IP packet in a frame, in its innermost tunnel where it has one; 0 where it is not known. */
  packetLen(frame: number): number {
    return (this.#words[frame] ?? 0) & LEN_MASK;
  }

  /** The longest packet of each row of the inventory. @param without frames that do not count. **Cost** goes through all frames. */
  longest(without: ReadonlySet<number>): Map<number, number> {
    const longest = new Map<number, number>();
    for (let frame = 1; frame < this.#words.length; frame++) {
      const word = this.#words[frame] as number;
      const row = (word >>> ROW_SHIFT) - 1;
      const len = word & LEN_MASK;
      if (row >= 0 && len > (longest.get(row) ?? 0) && !without.has(frame)) longest.set(row, len);
    }
    return longest;
  }

  /** Fragments may leave wide gaps between the frames that are kept. */
  #makeRoom(frame: number): void {
    const before = this.#words;
    let length = before.length;
    while (length <= frame) length *= 2;
    this.#words = new Int32Array(length);
    this.#words.set(before);
  }
}

/** Length of the IP packet in the frame whose first layer is at `first`, by its header. @returns 0 where there is none, or none that a wire saw */
function packetLen({ view, kinds, ats, depth }: LayerStack, first: number): number {
  let ip = first;
  while (ip < depth && kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip++;
  if (ip >= depth) return 0;
  const at = ats[ip] as number;
  const len =
    kinds[ip] === LayerKind.Ipv4
      ? view.getUint16(at + IPV4_TOTAL_LENGTH)
      : IPV6_HEADER_LEN + view.getUint16(at + IPV6_PAYLOAD_LENGTH);
  return len > LONGEST_SEGMENT && kinds[ip + 1] === LayerKind.Tcp ? 0 : len;
}
