/**
 * Outlines: what is known of every trail in the window, of those too that were let go of before their turn: its VNI, and
 * of a TCP segment what it carries and what it acknowledges.
 */

import {
  acknowledged,
  connectionOf,
  endOf,
  isAcknowledging,
  portsAt,
  senderOf,
  sequence,
} from '../identity/segment.js';
import {
  ACKNOWLEDGED,
  ACKNOWLEDGES,
  CONNECTIONS_AT,
  MAX_TRAILS,
  NUMBERS_MASK,
  OUTLINE,
  OUTLINES_AT,
  SEGMENT_END,
  SEGMENT_FROM,
  SENDER,
  VNI,
} from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';
import { widenRing } from './ring.js';

/** A ring of outlines, by the number of the trail. */
export class Outlines {
  readonly #counts: Uint32Array;
  #details: Int32Array;
  /** Connections, side by side: many are passed over to find one. */
  #connections: Int32Array;

  constructor(memory: PairingMemory) {
    this.#counts = memory.counts;
    this.#details = memory.int32(OUTLINES_AT, MAX_TRAILS * OUTLINE);
    this.#connections = memory.int32(CONNECTIONS_AT, MAX_TRAILS);
  }

  /** Makes room for twice as many, before the mask says so. @param first of those that are there, up to but without `next` */
  grow(first: number, next: number): void {
    widenRing(this.#details, this.#mask, OUTLINE, first, next);
    widenRing(this.#connections, this.#mask, 1, first, next);
  }

  /** Lets go of all memory. */
  close(): void {
    this.#details = new Int32Array(0);
    this.#connections = new Int32Array(0);
  }

  get #mask(): number {
    return this.#counts[NUMBERS_MASK] as number;
  }

  /** Draws a trail's. @param words its identity's, from `wordsAt` on @param spanLen bytes of data where its IP length does not tell */
  draw(trail: number, vni: number, words: Int32Array, wordsAt: number, spanLen: number): void {
    const connection = connectionOf(words, wordsAt);
    this.#connections[trail & this.#mask] = connection;
    const details = this.#details;
    const at = (trail & this.#mask) * OUTLINE;
    details[at + VNI] = vni;
    if (connection === 0) return;
    const ports = portsAt(words, wordsAt);
    const acknowledges = isAcknowledging(words, wordsAt + ports) ? ACKNOWLEDGES : 0;
    details[at + SENDER] = (senderOf(words, wordsAt, ports) & ~ACKNOWLEDGES) | acknowledges;
    details[at + SEGMENT_FROM] = sequence(words, wordsAt + ports);
    details[at + SEGMENT_END] = endOf(words, wordsAt, ports, spanLen);
    details[at + ACKNOWLEDGED] = acknowledged(words, wordsAt + ports);
  }

  vni(trail: number): number {
    return this.#detail(trail, VNI);
  }

  setVni(trail: number, vni: number): void {
    this.#details[(trail & this.#mask) * OUTLINE + VNI] = vni;
  }

  /** Whether it is a segment with a sequence number of its own: data, or a beginning or an end. */
  isSegment(trail: number): boolean {
    return (
      this.#connections[trail & this.#mask] !== 0 &&
      this.#detail(trail, SEGMENT_FROM) !== this.#detail(trail, SEGMENT_END)
    );
  }

  /** The first trail behind a segment's, up to `last`, that is of its connection. @returns 0 where there is none. **Cost** no allocation. */
  nextOfConnection(trail: number, last: number): number {
    const connections = this.#connections;
    const mask = this.#mask;
    const connection = connections[trail & mask];
    for (let other = trail + 1; other <= last; other++) if (connections[other & mask] === connection) return other;
    return 0;
  }

  /** Whether two segments of one connection go the same way. */
  isSameWay(trail: number, other: number): boolean {
    return (this.#detail(trail, SENDER) | ACKNOWLEDGES) === (this.#detail(other, SENDER) | ACKNOWLEDGES);
  }

  /** Whether two segments that go the same way carry some of the same data. */
  overlap(trail: number, other: number): boolean {
    const [from, end] = [this.#detail(trail, SEGMENT_FROM), this.#detail(trail, SEGMENT_END)];
    return ((this.#detail(other, SEGMENT_FROM) - end) | 0) < 0 && ((this.#detail(other, SEGMENT_END) - from) | 0) > 0;
  }

  /** Whether a segment that goes the other way acknowledges all of `trail`. */
  acknowledges(other: number, trail: number): boolean {
    if ((this.#detail(other, SENDER) & ACKNOWLEDGES) === 0) return false;
    return ((this.#detail(other, ACKNOWLEDGED) - this.#detail(trail, SEGMENT_END)) | 0) >= 0;
  }

  #detail(trail: number, detail: number): number {
    return this.#details[(trail & this.#mask) * OUTLINE + detail] as number;
  }
}
