/**
 * Settlement: what becomes of a trail that leaves the window. Its overlay and underlay sightings are paired, tap by tap;
 * what has no counterpart is counted as unpaired, and copies as duplicates.
 */

import { Flag } from '../identity/identity.js';
import type { Routes } from '../routes/routes.js';
import type { Points } from '../taps/points.js';
import type { Presence } from '../taps/presence.js';
import type { TapPair } from '../taps/tap-pair.js';
import { SightingList } from '../trails/sighting-list.js';
import type { Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';
import { isExcused } from './excuses.js';
import type { PairCounter } from './pair.js';
import { type Twin, Twins } from './twins.js';

/** What a settlement works on, and where it counts. */
export interface SettlementParts {
  readonly trails: Trails;
  readonly points: Points;
  readonly presences: readonly Presence[];
  readonly routes: Routes;
  readonly counter: PairCounter;
  readonly pairs: readonly TapPair[];
}

/** Settles trails, one after the other. */
export class Settlement {
  readonly #presences: readonly Presence[];
  readonly #routes: Routes;
  readonly #counter: PairCounter;
  readonly #pairs: readonly TapPair[];
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #twins: Twins;
  /** The sightings of the trail at hand. */
  readonly #list: SightingList;

  constructor({ trails, points, presences, routes, counter, pairs }: SettlementParts) {
    this.#presences = presences;
    this.#routes = routes;
    this.#counter = counter;
    this.#pairs = pairs;
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#twins = new Twins(trails);
    this.#list = new SightingList(trails, points);
  }

  /** Says that a trail looks like a copy of another one, which is settled before it. */
  expectTwin(trail: number, twin: number): void {
    this.#twins.expect(trail, twin);
  }

  /** Settles a trail. @param pushed by the bound in frames, before its time. **Cost** amortised no allocation. */
  settle(trail: number, pushed: boolean): void {
    if (!this.#trails.wasAbsorbed(trail)) this.#settleWhole(trail, this.#twins.of(trail), pushed);
    this.#twins.settled(trail);
  }

  #settleWhole(trail: number, twin: Twin | null, pushed: boolean): void {
    const trails = this.#trails;
    const isSettled = trails.isSettled(trail);
    if (isSettled && !trails.hasCopies(trail)) return;
    this.#list.gather(trail);
    if (trails.hasCopies(trail)) this.#twins.remember(trail, this.#list, twin);
    if (isSettled) return;
    const pairs = this.#pairs;
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index] as TapPair;
      if (!this.#settleBare(pair, trail, twin, pushed)) this.#settleInner(pair, trail, twin, pushed);
    }
    this.#routes.add(trail, this.#list, twin?.list ?? null);
  }

  /** Settles what the overlay tap of a pair saw. @returns false where it saw nothing of the trail */
  #settleBare(pair: TapPair, trail: number, twin: Twin | null, pushed: boolean): boolean {
    const sightings = this.#sightings;
    const trails = this.#trails;
    const list = this.#list;
    let point = -1;
    for (let index = 0; index < list.count; index++) {
      if (list.taps[index] !== pair.overlay || !list.isBare(index)) continue;
      const bare = list.at[index] as number;
      // A tap with several points sees a frame several times: the first one counts.
      if (point >= 0 && sightings.endpoint(bare) !== point) continue;
      point = sightings.endpoint(bare);
      if (this.#pairUp(pair, trail, bare)) continue;
      if (pushed) pair.expired++;
      if (twin?.wasBareAt(pair.overlay) && twin.wasInnerAt(pair.underlay)) {
        pair.rowOfVni(twin.vni).addDuplicate(-sightings.frame(bare));
      } else if (!isExcused(trails, trail, pair.side)) {
        const group = pair.unpairedOverlay.add(trails.words(), trails.at(trail), sightings.frame(bare), 0);
        this.#presence(pair.underlay).absent(sightings.timeNs(bare), pair.unpairedOverlay, group);
      }
    }
    return point >= 0;
  }

  /** Settles encapsulations at the underlay tap of a pair whose overlay tap saw nothing. */
  #settleInner(pair: TapPair, trail: number, twin: Twin | null, pushed: boolean): void {
    const sightings = this.#sightings;
    const trails = this.#trails;
    const list = this.#list;
    for (let index = 0; index < list.count; index++) {
      if (!this.#isEncapsulation(pair, index, false)) continue;
      const inner = list.at[index] as number;
      const tunnel = sightings.tunnel(inner);
      if (pushed) pair.expired++;
      if (twin?.wasBareAt(pair.overlay)) {
        pair.row(tunnel).addDuplicate(sightings.frame(inner));
      } else {
        const group = pair.unpairedUnderlay.add(trails.words(), trails.at(trail), sightings.frame(inner), tunnel);
        this.#presence(pair.overlay).absent(sightings.timeNs(inner), pair.unpairedUnderlay, group);
      }
    }
  }

  /** Pairs an overlay frame with its encapsulations at the underlay tap. @returns whether they make up all of it */
  #pairUp(pair: TapPair, trail: number, bare: number): boolean {
    const sightings = this.#sightings;
    const trails = this.#trails;
    const list = this.#list;
    const toGroup = (trails.flags(trail) & Flag.ToGroup) !== 0;
    const wholeLen = sightings.partLen(bare) || trails.spanLen(trail);
    let covered = 0;
    let paired = false;
    for (let index = 0; index < list.count; index++) {
      if (!this.#isEncapsulation(pair, index, toGroup)) continue;
      // What is sent to a MAC that nobody has learnt is flooded, too.
      if (!pair.side.involves(list.tunnel(index)) && this.#hasCopyOf(pair)) continue;
      const inner = list.at[index] as number;
      const overlap = sightings.overlap(bare, inner, trails.spanLen(trail));
      if (overlap < 0) continue;
      this.#counter.add(pair, bare, inner, !paired, toGroup);
      paired = true;
      covered += overlap;
    }
    if (!paired || (covered < wholeLen && covered > 0)) return false;
    pair.rowOfVni(trails.vni(trail)).matched++;
    return true;
  }

  /** Whether the sighting at `index` is the first of its tunnel's at the underlay tap, and may be of a frame seen at the overlay tap. */
  #isEncapsulation({ underlay, side }: TapPair, index: number, toGroup: boolean): boolean {
    const list = this.#list;
    if (list.taps[index] !== underlay || list.isBare(index)) return false;
    const tunnel = list.tunnel(index);
    if (!side.owns(tunnel) || (toGroup && !side.involves(tunnel))) return false;
    const endpoint = this.#sightings.endpoint(list.at[index] as number);
    for (let before = 0; before < index; before++) {
      if (list.taps[before] !== underlay || list.tunnel(before) !== tunnel) continue;
      if (this.#sightings.endpoint(list.at[before] as number) !== endpoint) return false;
    }
    return true;
  }

  /** Whether there is an encapsulation from or to a VTEP of the overlay tap: others are copies for others. */
  #hasCopyOf({ side }: TapPair): boolean {
    const list = this.#list;
    for (let index = 0; index < list.count; index++) {
      if (!list.isBare(index) && side.involves(list.tunnel(index))) return true;
    }
    return false;
  }

  #presence(tap: number): Presence {
    return this.#presences[tap] as Presence;
  }
}
