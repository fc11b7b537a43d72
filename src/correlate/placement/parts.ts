/**
 * Parts: what segmentation offload cuts, or puts together, and what a router fragments. Small frames go on the trail of
 * the large one that they are parts of, and a large one takes over the trails of the small ones. TCP's numbers and the
 * offsets of fragments say which part one is; datagrams of UDP have no numbers: they come one after the other, all as
 * long, save the last, and the first one starts like the whole.
 */
import { HEADER_LEN as UDP_HEADER_LEN } from '../../wire/udp.js';
import {
  fragmentNumber,
  isDatagram,
  isFragment,
  isMessage,
  isNumberless,
  shareNumber,
  sharePorts,
  startAlike,
} from '../identity/datagram.js';
import { Flag, type Identity } from '../identity/identity.js';
import type { Bearings } from '../trails/bearings.js';
import { MAX_SIGHTINGS, type Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';
import { Cuts } from './cuts.js';
import { Joins, MAX_JOINED } from './joins.js';
import { Pieces } from './pieces.js';
import { Takings } from './takings.js';

/** The most steps along the stretches of one flow: a large segment has some 45 small ones. */
const MAX_STEPS = 128;
/** The same for a frame that was expected elsewhere before: then what it is a part of was there a moment ago. */
const MAX_RECENT = 8;

/** Finds what frames are parts of. */
export class Parts {
  /** Of the trail that `wholeOf` found, from which of its bytes on the frame is, and how many of them. */
  offset: number;
  len: number;
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #bearings: Bearings;
  readonly #identity: Identity;
  readonly #pieces: Pieces;
  readonly #takings: Takings;
  readonly #cuts: Cuts;
  readonly #joins: Joins;

  /** @param identity what the frame at hand is read into */
  constructor(trails: Trails, bearings: Bearings, identity: Identity) {
    this.offset = 0;
    this.len = 0;
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#bearings = bearings;
    this.#identity = identity;
    this.#pieces = new Pieces(trails, identity);
    this.#takings = new Takings(trails, bearings, MAX_JOINED);
    this.#cuts = new Cuts(trails, bearings, identity, this.#takings);
    this.#joins = new Joins(trails, bearings, identity, this.#takings);
  }

  /**
   * Finds the trail that the frame at hand is a part of.
   *
   * @param splits whether frames that may be split are in the window
   * @param isBehind whether frames of the tunnel may have been seen elsewhere before: what was there a moment ago counts,
   * too long for a wire or not
   * @returns its number; 0 without
   *
   * **Cost** no allocation.
   */
  wholeOf(tap: number, endpoint: number, tunnel: number, splits: boolean, isBehind: boolean): number {
    const { words, at, span } = this.#identity;
    const trail = this.#wholeOf(tap, endpoint, tunnel, splits, isBehind, false);
    if (trail !== 0 || span.unitCount === 0 || span.from === 0 || !isFragment(words, at)) return trail;
    if (this.#hasBeginning(this.#trails.newestSpan(span.key), fragmentNumber(words, at))) return 0;
    return this.#wholeOf(tap, endpoint, tunnel, splits, isBehind, true);
  }

  /** @param byBytes whether those of a fragment of IPv6 will do */
  #wholeOf(
    tap: number,
    endpoint: number,
    tunnel: number,
    splits: boolean,
    isBehind: boolean,
    byBytes: boolean,
  ): number {
    const trails = this.#trails;
    const { words, at, flags, span } = this.#identity;
    if (isMessage(words, at)) return 0;
    const inTurn = isDatagram(words, at);
    const most = splits ? MAX_STEPS : MAX_RECENT;
    let trail = trails.newestSpan(span.key);
    for (let steps = 0; trail !== 0 && steps < most; trail = trails.olderSpan(trail), steps++) {
      if (span.len >= trails.spanLen(trail) || !trails.isOpen(trail)) continue;
      const maySplit = ((trails.flags(trail) | flags) & Flag.Split) !== 0;
      if (!maySplit && !(isBehind && steps < MAX_RECENT)) continue;
      if (!this.#bearings.mayShare(trail, tap, tunnel)) continue;
      if (inTurn ? this.#fitsInTurn(trail, endpoint, tunnel) : this.#fitsByNumber(trail, endpoint, tunnel, byBytes))
        return trail;
    }
    return 0;
  }

  /**
   * Puts on the trail of a larger frame what came before the part that is at hand and was put there: of a whole datagram of
   * IPv6 the fragments before the first one, which shows their number; of a segment what `Joins` says.
   *
   * **Cost** no allocation; none to speak of where it is neither.
   */
  follow(whole: number, endpoint: number, tunnel: number): void {
    const trails = this.#trails;
    const { words, at, span } = this.#identity;
    this.#joins.follow(whole, endpoint, tunnel);
    if (span.from !== 0 || !isFragment(words, at)) return;
    if (!isNumberless(trails.words(), trails.at(whole))) return;
    const number = fragmentNumber(words, at);
    let part = trails.newestSpan(span.key);
    for (let steps = 0; part !== 0 && steps < MAX_STEPS; part = trails.olderSpan(part), steps++) {
      const [offset, len] = [trails.spanFrom(part), trails.spanLen(part)];
      const partAt = trails.at(part);
      if (!isFragment(trails.words(), partAt) || fragmentNumber(trails.words(), partAt) !== number) continue;
      // What was seen elsewhere first is taken along where the first one comes by there.
      if (this.#pieces.agree(whole, part)) this.#takings.takeAlong(whole, part, endpoint, tunnel, offset, len);
    }
  }

  /** Remembers what the frame at hand shows of the trail that it opened, for what comes later. **Cost** no allocation. */
  keep(trail: number): void {
    this.#pieces.keep(trail);
  }

  /** Puts smaller frames on the trail of the larger one that they went into, which the frame at hand opened. **Cost** no allocation. */
  gather(trail: number, tap: number, endpoint: number, tunnel: number, timeNs: number): void {
    const { words, at } = this.#identity;
    const segment = isFragment(words, at) ? this.#cuts.see(trail, tap, tunnel) : 0;
    // What is older leaves the window first, and would be settled alone.
    if (segment !== 0) this.#gatherCuts(segment, segment);
    let count = this.#findByNumber(trail, tap, endpoint, tunnel);
    if (count === 0 && isDatagram(this.#trails.words(), this.#trails.at(trail))) {
      count = this.#findInTurn(trail, tap, endpoint, tunnel);
    }
    if (count === 0) count = this.#cuts.find(trail, tap, endpoint, tunnel);
    this.join(trail, count, tap, tunnel, timeNs);
  }

  /** Puts the frames that were found last, so many of them, on the trail that the frame at hand opened. **Cost** no allocation. */
  join(trail: number, count: number, tap: number, tunnel: number, timeNs: number): void {
    this.#takings.take(trail, count, tap, tunnel, timeNs);
  }

  /** Puts fragments on the trail of the TCP segment that they are of, which leaves the window. **Cost** no allocation. */
  gatherLast(trail: number): void {
    if (this.#cuts.areAny && this.#trails.isOpen(trail)) this.#gatherCuts(trail, this.#trails.next);
  }

  #gatherCuts(trail: number, before: number): void {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const first = trails.firstSighting(trail);
    const [endpoint, tunnel] = [sightings.endpoint(first), sightings.tunnel(first)];
    const tap = this.#bearings.tapAt(endpoint);
    const count = this.#cuts.find(trail, tap, endpoint, tunnel, before);
    this.join(trail, count, tap, tunnel, sightings.timeNs(first));
  }

  /** Finds what the segment at hand was put together from, as `Joins` says. @returns how many; 0 without */
  findJoined(tap: number, endpoint: number, tunnel: number): number {
    return this.#joins.find(tap, endpoint, tunnel);
  }

  #fitsByNumber(trail: number, endpoint: number, tunnel: number, byBytes: boolean): boolean {
    const { words, at, span } = this.#identity;
    const trails = this.#trails;
    const offset = (span.from - trails.spanFrom(trail)) >>> 0;
    if (offset + span.len > trails.spanLen(trail)) return false;
    const isPiece = isFragment(words, at) && isNumberless(trails.words(), trails.at(trail));
    if (isPiece && !this.#pieces.isPiece(trail, byBytes)) return false;
    if (!isPiece && isFragment(words, at) && !shareNumber(words, at, trails.words(), trails.at(trail))) return false;
    if (this.#takings.has(trail, endpoint, tunnel, offset, span.len)) return false;
    if (isPiece) this.#pieces.noteNumber(trail);
    this.offset = offset;
    this.len = span.len;
    return true;
  }

  /** Whether the frame comes behind the parts of a trail that were at this place. The first one has the whole's header, too. */
  #fitsInTurn(trail: number, endpoint: number, tunnel: number): boolean {
    const sightings = this.#sightings;
    const trails = this.#trails;
    const { words, at: wordsAt, flags, span } = this.#identity;
    const [whole, wholeAt] = [trails.words(), trails.at(trail)];
    if (!isDatagram(whole, wholeAt) || !sharePorts(words, wordsAt, whole, wholeAt)) return false;
    let offset = 0;
    let firstLen = 0;
    let count = 0;
    for (let at = trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      if (++count === MAX_SIGHTINGS) return false;
      if (sightings.endpoint(at) !== endpoint || sightings.tunnel(at) !== tunnel) continue;
      if (sightings.partLen(at) === 0) return false;
      if (offset === 0) firstLen = sightings.partLen(at);
      offset += sightings.partLen(at);
    }
    this.offset = offset;
    this.len = offset === 0 ? span.len : span.len - UDP_HEADER_LEN;
    if (offset === 0) return startAlike(words, wordsAt, flags, whole, wholeAt, trails.flags(trail));
    const rest = trails.spanLen(trail) - offset;
    return this.len <= rest && (span.len === firstLen || (this.len === rest && span.len < firstLen));
  }

  #findByNumber(trail: number, tap: number, endpoint: number, tunnel: number): number {
    const trails = this.#trails;
    const words = trails.words();
    const wholeAt = trails.at(trail);
    const [from, len] = [trails.spanFrom(trail), trails.spanLen(trail)];
    const isWhole = isNumberless(words, wholeAt);
    const isNumbered = isWhole && this.#findNumber(trail, tap, endpoint, tunnel);
    let count = 0;
    let part = trails.olderSpan(trail);
    for (let steps = 0; part !== 0 && steps < MAX_STEPS; part = trails.olderSpan(part), steps++) {
      const partLen = trails.spanLen(part);
      const offset = (trails.spanFrom(part) - from) >>> 0;
      const at = trails.at(part);
      if (partLen >= len || offset + partLen > len || isDatagram(words, at) || isMessage(words, at)) continue;
      if (isFragment(words, at)) {
        const isPiece = isNumbered && this.#pieces.sharesNumber(part, trail);
        if (isWhole ? !isPiece : !shareNumber(words, at, words, wholeAt)) continue;
      }
      if (this.#mayGo(part, tap, endpoint, tunnel)) this.#takings.find(count++, part, offset, partLen);
    }
    return count;
  }

  /** Finds the number that the fragments of a whole datagram of IPv6 have: the first one shows it, or else the bytes of another. */
  #findNumber(trail: number, tap: number, endpoint: number, tunnel: number): boolean {
    const trails = this.#trails;
    for (const byBytes of [false, true]) {
      let part = trails.olderSpan(trail);
      for (let steps = 0; part !== 0 && steps < MAX_STEPS; part = trails.olderSpan(part), steps++) {
        const [words, at] = [trails.words(), trails.at(part)];
        if (!isFragment(words, at) || !this.#mayGo(part, tap, endpoint, tunnel)) continue;
        if (byBytes && this.#hasBeginning(trails.olderSpan(trail), fragmentNumber(words, at))) continue;
        if (this.#pieces.findNumber(part, trail, byBytes)) return true;
      }
    }
    return false;
  }

  /** Whether the first fragment of a datagram is there, which tells whose the others are. @param newest where to begin @param number IPv6's */
  #hasBeginning(newest: number, number: number): boolean {
    const trails = this.#trails;
    let part = newest;
    for (let steps = 0; part !== 0 && steps < MAX_STEPS; part = trails.olderSpan(part), steps++) {
      if (trails.spanFrom(part) !== 0 || !isFragment(trails.words(), trails.at(part))) continue;
      if (fragmentNumber(trails.words(), trails.at(part)) === number) return true;
    }
    return false;
  }

  /** From the last one back. */
  #findInTurn(trail: number, tap: number, endpoint: number, tunnel: number): number {
    const trails = this.#trails;
    const words = trails.words();
    const wholeAt = trails.at(trail);
    let offset = trails.spanLen(trail);
    let partLen = 0;
    let count = 0;
    let part = trails.olderSpan(trail);
    for (let steps = 0; part !== 0 && steps < MAX_STEPS; part = trails.olderSpan(part), steps++) {
      const len = trails.spanLen(part);
      const at = trails.at(part);
      if (!isDatagram(words, at) || !sharePorts(words, at, words, wholeAt)) continue;
      if (!this.#mayGo(part, tap, endpoint, tunnel)) continue;
      if (len > offset || (count === 1 ? len < partLen : count > 1 && len !== partLen)) return 0;
      partLen = len;
      const isFirst = len === offset;
      offset -= isFirst ? len : len - UDP_HEADER_LEN;
      this.#takings.find(count++, part, offset, isFirst ? len : len - UDP_HEADER_LEN);
      if (isFirst) return startAlike(words, at, trails.flags(part), words, wholeAt, trails.flags(trail)) ? count : 0;
    }
    return 0;
  }

  /** Whether a trail may go to the larger one that the frame at hand opened. */
  #mayGo(part: number, tap: number, endpoint: number, tunnel: number): boolean {
    if (((this.#trails.flags(part) | this.#identity.flags) & Flag.Split) === 0) return false;
    return this.#takings.mayGo(part, tap, endpoint, tunnel);
  }
}
