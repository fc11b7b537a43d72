/**
 * Cuts: TCP segments that are whole here and in fragments there. The segment's sequence numbers say nothing of a later
 * fragment, and the fragments' number leads to no segment: so fragments stay apart, and the whole segment takes them over
 * when it comes behind them, or when it leaves the window. With IPv4 it has their number; with IPv6 their first one, which
 * starts like it, shows the number.
 */

import { fragmentNumber, ipv4Number, isFragment, isIpv4, isOfSegment, startsWhole } from '../identity/datagram.js';
import type { Identity } from '../identity/identity.js';
import { headerLen, portsAt, sequence } from '../identity/segment.js';
import { fragmentsKey, ipv6SegmentsKey } from '../identity/span.js';
import type { Bearings } from '../trails/bearings.js';
import type { Trails } from '../trails/trails.js';
import type { Takings } from './takings.js';

/** Segments of IPv6 whose first fragment is remembered, the latest ones; a power of two. */
const REMEMBERED = 1024;
/** The most steps along the segments of one flow, and along the fragments of one segment. */
const MAX_STEPS = 128;
/** The word whose low half is the source port in a first fragment of IPv6. */
const FRAGMENT_PORTS = 15;

/** Finds the fragments of segments. */
export class Cuts {
  readonly #trails: Trails;
  readonly #bearings: Bearings;
  readonly #identity: Identity;
  readonly #takings: Takings;
  /** The newest trail of such a fragment. */
  #newest = 0;
  /** Trails of first fragments of IPv6 that came before the segment, by flow and sequence number. */
  readonly #firsts: Uint32Array;
  /** Trails of whole segments of IPv6, and the number of each one's fragments, which the first of them showed. */
  readonly #wholes: Uint32Array;
  readonly #numbers: Int32Array;

  /** @param identity what the frame at hand is read into */
  constructor(trails: Trails, bearings: Bearings, identity: Identity, takings: Takings) {
    this.#trails = trails;
    this.#bearings = bearings;
    this.#identity = identity;
    this.#takings = takings;
    this.#firsts = new Uint32Array(REMEMBERED);
    this.#wholes = new Uint32Array(REMEMBERED);
    this.#numbers = new Int32Array(REMEMBERED);
  }

  /** Whether any such fragment is in the window. */
  get areAny(): boolean {
    return this.#newest >= this.#trails.tail;
  }

  /**
   * Takes in that the frame at hand, a fragment, opened a trail.
   *
   * @returns the segment that it shows the number of, which is there already; 0 without
   *
   * **Cost** no allocation.
   */
  see(trail: number, tap: number, tunnel: number): number {
    const { words, at, span } = this.#identity;
    if (!isOfSegment(words, at)) return 0;
    this.#newest = trail;
    if (span.from !== 0 || isIpv4(words, at)) return 0;
    const key = ipv6SegmentsKey(words, at, FRAGMENT_PORTS);
    const from = sequence(words, at + FRAGMENT_PORTS);
    const trails = this.#trails;
    let whole = trails.newestSpan(key);
    for (let steps = 0; whole !== 0 && steps < MAX_STEPS; whole = trails.olderSpan(whole), steps++) {
      if ((trails.spanFrom(whole) | 0) !== from || !trails.isOpen(whole) || this.#isNumbered(whole)) continue;
      if (!this.#isFirstOf(trail, whole) || !this.#bearings.mayShare(whole, tap, tunnel)) continue;
      this.#noteNumber(whole, trail);
      return whole;
    }
    this.#firsts[slotOf(key, from)] = trail;
    return 0;
  }

  /**
   * Finds the fragments of the segment that a trail is.
   *
   * @param tap where the segment was seen, with `endpoint` and `tunnel`
   * @param before the first trail that is not to be looked at: all by default
   * @returns how many were found
   *
   * **Cost** no allocation.
   */
  find(whole: number, tap: number, endpoint: number, tunnel: number, before = this.#trails.next): number {
    if (!this.areAny) return 0;
    const trails = this.#trails;
    const [words, wholeAt] = [trails.words(), trails.at(whole)];
    const ports = portsAt(words, wholeAt);
    if (ports < 0) return 0;
    const overIpv4 = isIpv4(words, wholeAt);
    const isNumbered = overIpv4
      ? ipv4Number(words, wholeAt) !== 0
      : this.#isNumbered(whole) || this.#findNumber(whole, ports);
    if (!isNumbered) return 0;
    const number = overIpv4 ? ipv4Number(words, wholeAt) : (this.#numbers[whole & (REMEMBERED - 1)] as number);
    const header = headerLen(words, wholeAt + ports);
    let count = 0;
    let part = trails.newestSpan(fragmentsKey(words, wholeAt, number));
    for (let steps = 0; part !== 0 && steps < MAX_STEPS; part = trails.olderSpan(part), steps++) {
      const at = trails.at(part);
      if (part >= before || !isFragment(words, at) || !isOfSegment(words, at)) continue;
      if ((overIpv4 ? ipv4Number(words, at) : fragmentNumber(words, at)) !== number) continue;
      const from = trails.spanFrom(part);
      // Of another segment that had the number later.
      if (from === 0 && !this.#isFirstOf(part, whole)) return 0;
      const offset = from === 0 ? 0 : from - header;
      const len = trails.spanLen(part) - (from === 0 ? header : 0);
      if (offset < 0 || len <= 0 || offset + len > trails.spanLen(whole)) continue;
      if (!this.#takings.mayGo(part, tap, endpoint, tunnel) || this.#wasThere(whole, part, offset, len)) continue;
      this.#takings.find(count++, part, offset, len);
    }
    return count;
  }

  /** Whether a segment, or so much of it, was seen where a fragment was. */
  #wasThere(whole: number, part: number, offset: number, len: number): boolean {
    const { sightings } = this.#trails;
    const first = this.#trails.firstSighting(part);
    return this.#takings.has(whole, sightings.endpoint(first), sightings.tunnel(first), offset, len);
  }

  /** Finds the number of a segment of IPv6, which its first fragment shows that came before it. @returns false without one */
  #findNumber(whole: number, ports: number): boolean {
    const trails = this.#trails;
    const [words, at] = [trails.words(), trails.at(whole)];
    const first = this.#firsts[slotOf(ipv6SegmentsKey(words, at, ports), sequence(words, at + ports))] as number;
    if (first < trails.tail || !trails.isOpen(first) || !this.#isFirstOf(first, whole)) return false;
    this.#noteNumber(whole, first);
    return true;
  }

  /** Whether a first fragment's bytes are those that a segment starts with. */
  #isFirstOf(part: number, whole: number): boolean {
    const trails = this.#trails;
    const words = trails.words();
    const [at, wholeAt] = [trails.at(part), trails.at(whole)];
    return startsWhole(words, at, trails.flags(part), words, wholeAt, trails.flags(whole));
  }

  #isNumbered(whole: number): boolean {
    return this.#wholes[whole & (REMEMBERED - 1)] === whole;
  }

  /** Remembers a segment's number. @param first the trail of its first fragment */
  #noteNumber(whole: number, first: number): void {
    const slot = whole & (REMEMBERED - 1);
    this.#wholes[slot] = whole;
    this.#numbers[slot] = fragmentNumber(this.#trails.words(), this.#trails.at(first));
  }
}

function slotOf(key: number, from: number): number {
  const mixed = Math.imul(key ^ from, 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & (REMEMBERED - 1);
}
