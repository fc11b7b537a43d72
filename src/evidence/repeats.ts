/**
 * Frames that are there twice: byte by byte the same as one of the few frames before them, within microseconds. A tap
 * that a mirror feeds with both ways through a switch has nearly every frame twice.
 */
import type { LayerStack } from '../wire/stack.js';
import type { Clock } from './clock.js';
import { FrameList } from './frame-list.js';
import {
  AT,
  FRAMES_BACK,
  LEN,
  NEXT_REPEAT,
  REPEAT_STRIDE,
  REPEAT_TIMES_AT,
  REPEATED,
  REPEATS_AT,
  TELLING_WORD,
} from './plain-layout.js';

/** What is further apart was sent again, ns. */
const APART_NS = 100_000;
/** Bytes that are compared: the headers, inner ones too. */
const MAX_LEN = 144;
const SHORTEST_LEN = 20;

/** Repeats of one tap. */
export class Repeats {
  /** Second copies: frames that were there just before, once. Third copies are none: a mirror makes two. */
  readonly second: FrameList;
  readonly #clock: Clock;
  #bytes: Uint8Array;
  /** The last frames: when they were seen, and their integers. */
  #times: Float64Array;
  #frames: Int32Array;

  constructor(clock: Clock) {
    this.second = new FrameList();
    this.#clock = clock;
    this.#bytes = new Uint8Array(0);
    this.#times = new Float64Array(FRAMES_BACK);
    this.#frames = new Int32Array(NEXT_REPEAT + 1);
  }

  /** Lets the last frames lie in this memory from now on, at `plain-layout`'s places. */
  moveTo(memory: ArrayBuffer): void {
    const [times, frames] = [this.#times, this.#frames];
    this.#times = new Float64Array(memory, REPEAT_TIMES_AT, times.length);
    this.#times.set(times);
    this.#frames = new Int32Array(memory, REPEATS_AT, frames.length);
    this.#frames.set(frames);
  }

  /** Whether the last frames lie in these bytes. */
  isOver(bytes: Uint8Array): boolean {
    return bytes === this.#bytes;
  }

  /** Compares a frame with those before it. **Cost** no allocation; a few comparisons for a frame of its own. */
  see(frame: number, { bytes, view, frameAt, frameEnd, wireLen }: LayerStack): void {
    const len = frameEnd - frameAt;
    if (len < SHORTEST_LEN) return;
    // Bytes behind this frame are of an earlier filling of the buffer, or of none: what lay there cannot be compared.
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#frames.fill(0);
    }
    const word = view.getInt32(frameAt + TELLING_WORD, true);
    const frames = this.#frames;
    const place = frames[NEXT_REPEAT] as number;
    // Written out: nearly every frame ends here.
    const isNew = frames[0] !== word && frames[1] !== word && frames[2] !== word && frames[3] !== word;
    const before = isNew ? -1 : this.#placeOf(word, bytes, frameAt, len, wireLen);
    if (before >= 0 && frames[before * REPEAT_STRIDE + REPEATED] === 0) this.second.add(frame);
    this.#times[place] = this.#clock.timeNs;
    const own = place * REPEAT_STRIDE;
    frames[place] = word;
    frames[own + AT] = frameAt;
    frames[own + LEN] = wireLen;
    frames[own + REPEATED] = before < 0 ? 0 : 1;
    frames[NEXT_REPEAT] = (place + 1) & (FRAMES_BACK - 1);
  }

  /** The place of the last frame that was the same, just before. @returns -1 where there was none */
  #placeOf(word: number, bytes: Uint8Array, frameAt: number, len: number, wireLen: number): number {
    const { timeNs } = this.#clock;
    const frames = this.#frames;
    for (let back = 1; back <= FRAMES_BACK; back++) {
      const before = ((frames[NEXT_REPEAT] as number) - back) & (FRAMES_BACK - 1);
      const theirs = before * REPEAT_STRIDE;
      if (frames[before] !== word || frames[theirs + LEN] !== wireLen) continue;
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
