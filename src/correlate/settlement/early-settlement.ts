/**
 * Early settlement: between one overlay tap and one underlay tap a frame is whole with its second sighting, since nobody
 * else can see it. So it is counted at once, while all of it is in the cache, and its trail may go before its turn.
 */
import { Flag } from '../identity/identity.js';
import type { Routes } from '../routes/routes.js';
import { Direction } from '../taps/overlay-side.js';
import type { Points } from '../taps/points.js';
import type { TapPair } from '../taps/tap-pair.js';
import type { Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';
import type { PairCounter } from './pair.js';

/** What an early settlement works on, and where it counts. */
export interface EarlySettlementParts {
  readonly trails: Trails;
  readonly points: Points;
  readonly routes: Routes;
  readonly counter: PairCounter;
  /** The one overlay tap and the one underlay tap. */
  readonly taps: TapPair;
}

/** Settles trails before their time. */
export class EarlySettlement {
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #points: Points;
  readonly #routes: Routes;
  readonly #counter: PairCounter;
  readonly #taps: TapPair;

  constructor({ trails, points, routes, counter, taps }: EarlySettlementParts) {
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#points = points;
    this.#routes = routes;
    this.#counter = counter;
    this.#taps = taps;
  }

  /**
   * Settles a trail where a sighting makes it whole. Further encapsulations of one that is settled are counted as they
   * come.
   *
   * @param opener its first sighting
   * @param sighting the one that it got now, as a whole
   * @param flow the frame's flow; -1 where that has no number
   *
   * **Cost** amortised no allocation.
   */
  settle(trail: number, opener: number, sighting: number, flow: number): void {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const isBare = sightings.tunnel(sighting) < 0;
    const opensBare = sightings.tunnel(opener) < 0;
    if (trails.isSettled(trail)) {
      if (!isBare) this.#count(trail, opensBare ? opener : sightings.after(opener), sighting, false, -1);
      return;
    }
    if (isBare === opensBare || sightings.after(opener) !== sighting) return;
    const [bare, inner] = isBare ? [sighting, opener] : [opener, sighting];
    if (!this.#isWhole(trail, sightings.tunnel(inner))) return;
    trails.markSettled(trail);
    this.#count(trail, bare, inner, true, flow);
  }

  /** Whether nothing else can come to a trail that has a bare sighting and one in a tunnel. */
  #isWhole(trail: number, tunnel: number): boolean {
    const trails = this.#trails;
    if (this.#points.areSeveral) return false;
    if ((trails.flags(trail) & (Flag.ToGroup | Flag.Split)) !== 0 || trails.twin(trail) !== 0) return false;
    return this.#taps.side.owns(tunnel);
  }

  #count(trail: number, bare: number, inner: number, first: boolean, flow: number): void {
    const taps = this.#taps;
    const tunnel = this.#sightings.tunnel(inner);
    if (first) taps.row(tunnel).matched++;
    this.#counter.add(taps, bare, inner, first, false);
    const encap = taps.side.direction(tunnel) === Direction.Encap;
    this.#routes.addPassed(trail, encap ? bare : inner, encap ? inner : bare, tunnel, flow);
  }
}
