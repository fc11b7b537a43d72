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
  /** The last frames, where they lie in `#bytes`, and whether they were repeats themselves. */
  readonly #times: Float64Array;
  readonly #ats: Int32Array;
  readonly #lens: Int32Array;
  readonly #words: Int32Array;
  readonly #repeated: Uint8Array;

  constructor(clock: Clock) {
    this.second = new FrameList();
    this.#clock = clock;
    this.#bytes = new Uint8Array(0);
    this.#times = new Float64Array(FRAMES_BACK);
    this.#ats = new Int32Array(FRAMES_BACK);
    this.#lens = new Int32Array(FRAMES_BACK);
    this.#words = new Int32Array(FRAMES_BACK);
    this.#repeated = new Uint8Array(FRAMES_BACK);
  }

  /** Compares a frame with those before it. **Cost** no allocation; a few comparisons for a frame of its own. */
  see(frame: number, { bytes, frameAt, frameEnd, wireLen }: LayerStack): void {
    const len = frameEnd - frameAt;
    if (len < SHORTEST_LEN) return;
    // Bytes behind this frame are of an earlier filling of the buffer, or of none: what lay there cannot be compared.
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#lens.fill(0);
    }
    const word = i32(bytes, frameAt + TELLING_WORD);
    const words = this.#words;
    const place = this.#place;
    // Written out: nearly every frame ends here.
    const isNew = words[0] !== word && words[1] !== word && words[2] !== word && words[3] !== word;
    const before = isNew ? -1 : this.#placeOf(word, bytes, frameAt, len, wireLen);
    if (before >= 0 && this.#repeated[before] === 0) this.second.add(frame);
    this.#times[place] = this.#clock.timeNs;
    this.#ats[place] = frameAt;
    this.#lens[place] = wireLen;
    words[place] = word;
    this.#repeated[place] = before < 0 ? 0 : 1;
    this.#place = (place + 1) & (FRAMES_BACK - 1);
  }

  /** The place of the last frame that was the same, just before. @returns -1 where there was none */
  #placeOf(word: number, bytes: Uint8Array, frameAt: number, len: number, wireLen: number): number {
    const { timeNs } = this.#clock;
    for (let back = 1; back <= FRAMES_BACK; back++) {
      const before = (this.#place - back) & (FRAMES_BACK - 1);
      if (this.#words[before] !== word || this.#lens[before] !== wireLen) continue;
      const at = this.#ats[before] as number;
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
