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
import { moveRing } from './ring.js';

/** Integers of an outline beside its connection. */
const STRIDE = 5;
const VNI = 0;
/** The end of the connection that sent it, its lowest bit set where it acknowledges anything. */
const SENDER = 1;
const FROM = 2;
const END = 3;
const ACKNOWLEDGED = 4;
const ACKNOWLEDGES = 1;

/** A ring of outlines, by the number of the trail. */
export class Outlines {
  #mask: number;
  #details: Int32Array;
  /** Connections, side by side: many are passed over to find one. */
  #connections: Int32Array;

  /** @param capacity a power of two; 24 bytes each */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#details = new Int32Array(capacity * STRIDE);
    this.#connections = new Int32Array(capacity);
  }

  /** Makes room for twice as many. @param first of those that are there, up to but without `next`. **Cost** allocates. */
  grow(first: number, next: number): void {
    const [details, connections, mask] = [this.#details, this.#connections, this.#mask];
    this.#mask = mask * 2 + 1;
    this.#details = new Int32Array(details.length * 2);
    this.#connections = new Int32Array(connections.length * 2);
    moveRing(details, mask, this.#details, this.#mask, STRIDE, first, next);
    moveRing(connections, mask, this.#connections, this.#mask, 1, first, next);
  }

  /** Lets go of all memory. */
  close(): void {
    this.#details = new Int32Array(0);
    this.#connections = new Int32Array(0);
  }

  /** Draws a trail's. @param words its identity's, from `wordsAt` on @param spanLen bytes of data where its IP length does not tell */
  draw(trail: number, vni: number, words: Int32Array, wordsAt: number, spanLen: number): void {
    const connection = connectionOf(words, wordsAt);
    this.#connections[trail & this.#mask] = connection;
    const details = this.#details;
    const at = (trail & this.#mask) * STRIDE;
    details[at + VNI] = vni;
    if (connection === 0) return;
    const ports = portsAt(words, wordsAt);
    const acknowledges = isAcknowledging(words, wordsAt + ports) ? ACKNOWLEDGES : 0;
    details[at + SENDER] = (senderOf(words, wordsAt, ports) & ~ACKNOWLEDGES) | acknowledges;
    details[at + FROM] = sequence(words, wordsAt + ports);
    details[at + END] = endOf(words, wordsAt, ports, spanLen);
    details[at + ACKNOWLEDGED] = acknowledged(words, wordsAt + ports);
  }

  vni(trail: number): number {
    return this.#detail(trail, VNI);
  }

  setVni(trail: number, vni: number): void {
    this.#details[(trail & this.#mask) * STRIDE + VNI] = vni;
  }

  /** Whether it is a segment with a sequence number of its own: data, or a beginning or an end. */
  isSegment(trail: number): boolean {
    return this.#connections[trail & this.#mask] !== 0 && this.#detail(trail, FROM) !== this.#detail(trail, END);
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
    const [from, end] = [this.#detail(trail, FROM), this.#detail(trail, END)];
    return ((this.#detail(other, FROM) - end) | 0) < 0 && ((this.#detail(other, END) - from) | 0) > 0;
  }

  /** Whether a segment that goes the other way acknowledges all of `trail`. */
  acknowledges(other: number, trail: number): boolean {
    if ((this.#detail(other, SENDER) & ACKNOWLEDGES) === 0) return false;
    return ((this.#detail(other, ACKNOWLEDGED) - this.#detail(trail, END)) | 0) >= 0;
  }

  #detail(trail: number, detail: number): number {
    return this.#details[(trail & this.#mask) * STRIDE + detail] as number;
  }
}
