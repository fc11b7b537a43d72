/**
 * Frames that are there twice: byte by byte the same as one of the few frames before them, within microseconds. A tap
 * that a mirror feeds with both ways through a switch has nearly every frame twice.
 */
import { i32 } from '../wire/bytes.js';
import type { LayerStack } from '../wire/stack.js';
import type { Clock } from './clock.js';
import { FrameList } from './frame-list.js';

/** How far back a frame is compared: bursts put others between the two. A power of two; `see` has them written out. */
const FRAMES_BACK = 4;
/** Integers of a frame: its telling word, where it lies in the bytes, its length, and whether it was a repeat itself. */
const STRIDE = 4;
const AT = 1;
const LEN = 2;
const REPEATED = 3;
/** What is further apart was sent again, ns. */
const APART_NS = 100_000;
/** Bytes that are compared: the headers, inner ones too. */
const MAX_LEN = 144;
/** The word that holds the IP ID behind a plain Ethernet header: where two frames differ, they mostly do here. */
const TELLING_WORD = 16;
const SHORTEST_LEN = 20;

/** Repeats of one tap. */
export class Repeats {
  /** Second copies: frames that were there just before, once. Third copies are none: a mirror makes two. */
  readonly second: FrameList;
  readonly #clock: Clock;
  #bytes: Uint8Array;
  #place = 0;
  /** The last frames: when they were seen, and their integers. */
  readonly #times: Float64Array;
  readonly #frames: Int32Array;

  constructor(clock: Clock) {
    this.second = new FrameList();
    this.#clock = clock;
    this.#bytes = new Uint8Array(0);
    this.#times = new Float64Array(FRAMES_BACK);
    this.#frames = new Int32Array(FRAMES_BACK * STRIDE);
  }

  /** Compares a frame with those before it. **Cost** no allocation; a few comparisons for a frame of its own. */
  see(frame: number, { bytes, frameAt, frameEnd, wireLen }: LayerStack): void {
    const len = frameEnd - frameAt;
    if (len < SHORTEST_LEN) return;
    // Bytes behind this frame are of an earlier filling of the buffer, or of none: what lay there cannot be compared.
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#frames.fill(0);
    }
    const word = i32(bytes, frameAt + TELLING_WORD);
    const frames = this.#frames;
    const place = this.#place;
    // Written out: nearly every frame ends here.
    const isNew =
      frames[0] !== word && frames[STRIDE] !== word && frames[2 * STRIDE] !== word && frames[3 * STRIDE] !== word;
    const before = isNew ? -1 : this.#placeOf(word, bytes, frameAt, len, wireLen);
    if (before >= 0 && frames[before * STRIDE + REPEATED] === 0) this.second.add(frame);
    this.#times[place] = this.#clock.timeNs;
    const own = place * STRIDE;
    frames[own] = word;
    frames[own + AT] = frameAt;
    frames[own + LEN] = wireLen;
    frames[own + REPEATED] = before < 0 ? 0 : 1;
    this.#place = (place + 1) & (FRAMES_BACK - 1);
  }

  /** The place of the last frame that was the same, just before. @returns -1 where there was none */
  #placeOf(word: number, bytes: Uint8Array, frameAt: number, len: number, wireLen: number): number {
    const { timeNs } = this.#clock;
    const frames = this.#frames;
    for (let back = 1; back <= FRAMES_BACK; back++) {
      const before = (this.#place - back) & (FRAMES_BACK - 1);
      const theirs = before * STRIDE;
      if (frames[theirs] !== word || frames[theirs + LEN] !== wireLen) continue;
      const at = frames[theirs + AT] as number;
      if (at >= frameAt || !(timeNs - (this.#times[before] as number) <= APART_NS)) continue;
      if (areEqual(bytes, at, frameAt, Math.min(len, frameAt - at, MAX_LEN))) return before;
    }
    return -1;
  }
}

function areEqual(bytes: Uint8Array, a: number, b: number, len: number): boolean {
  for (let offset = 0; offset < len; offset++) if (bytes[a + offset] !== bytes[b + offset]) return false;
  return true;
}
