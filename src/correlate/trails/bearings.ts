/**
 * Bearings: which frames may be on one trail, by what is known of the VNIs of overlay taps, and which way a trail leads.
 */

import { Flag } from '../identity/identity.js';
import { CLOCK_ERROR_NS, type Clocks } from '../taps/clocks.js';
import { Direction, type OverlaySide } from '../taps/overlay-side.js';
import type { Points } from '../taps/points.js';
import type { Tunnels } from '../taps/tunnels.js';
import type { Sightings } from './sightings.js';
import type { Trails } from './trails.js';

/** What bearings are taken from. */
export interface BearingParts {
  readonly trails: Trails;
  readonly points: Points;
  readonly tunnels: Tunnels;
  /** By tap; null of one whose bare frames are not paired. */
  readonly sides: readonly (OverlaySide | null)[];
  readonly clocks: Clocks;
}

/** Judges sightings that come to trails. A tunnel's number is -1 where the frame is bare. */
export class Bearings {
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #points: Points;
  readonly #tunnels: Tunnels;
  readonly #sides: readonly (OverlaySide | null)[];
  readonly #clocks: Clocks;

  constructor({ trails, points, tunnels, sides, clocks }: BearingParts) {
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#points = points;
    this.#tunnels = tunnels;
    this.#sides = sides;
    this.#clocks = clocks;
  }

  /** Whether what is known of VNIs lets a frame be on this trail. **Cost** no allocation. */
  mayShare(trail: number, tap: number, tunnel: number): boolean {
    const vni = this.#trails.vni(trail);
    if (tunnel >= 0) {
      if (vni >= 0) return vni === this.#tunnels.vni(tunnel);
      return this.#sideAt(this.#trails.openEndpoint(trail))?.owns(tunnel) ?? true;
    }
    const side = this.#sides[tap] as OverlaySide;
    if (vni >= 0) return side.ownsVni(vni);
    const other = this.#sideAt(this.#trails.openEndpoint(trail));
    // Bare here and there, and nothing in between: only where both are known to be of one network.
    return other === side || (other?.sharesVnis(side) ?? false);
  }

  /** Which tap an endpoint is of. */
  tapAt(endpoint: number): number {
    return this.#points.tap(endpoint >> 1);
  }

  /** Whether a frame comes in the order of its way behind what opened a trail: it does not where clocks disagree. */
  isForward(trail: number, tap: number, tunnel: number): boolean {
    const opener = this.#trails.openEndpoint(trail);
    if ((opener & 1) === 0) {
      return tunnel < 0 || this.#sideAt(opener)?.direction(tunnel) !== Direction.Decap;
    }
    const through = this.#sightings.tunnel(this.#trails.firstSighting(trail));
    return tunnel >= 0 || this.#sides[tap]?.direction(through) !== Direction.Encap;
  }

  /**
   * Whether a frame may seem to be seen before it was sent, at one of two endpoints: an offset of clocks is an estimate, and
   * they drift; and what is flooded may be heard beside its sender after its copy has left.
   */
  mayRunBack(latencyNs: number, a: number, b: number, isFlood: boolean): boolean {
    const { offsetsNs } = this.#clocks;
    const differ = offsetsNs[this.#points.tap(a >> 1)] !== offsetsNs[this.#points.tap(b >> 1)];
    return (differ || isFlood) && latencyNs >= -CLOCK_ERROR_NS;
  }

  /** Whether an overlay tap should have seen the frames of a tunnel before they were encapsulated. */
  leadsOut(tunnel: number): boolean {
    for (const side of this.#sides) if (side?.direction(tunnel) === Direction.Encap) return true;
    return false;
  }

  /** Whether an overlay tap's clock is not held to be a tap's: it may have seen first what came there later. */
  hasOtherClock(tap: number): boolean {
    const { offsetsNs } = this.#clocks;
    for (let other = 0; other < this.#sides.length; other++) {
      if (this.#sides[other] && offsetsNs[other] !== offsetsNs[tap]) return true;
    }
    return false;
  }

  /** Learns which way a tunnel leads, where an overlay tap's frame meets an encapsulation for the first time. **Cost** no allocation. */
  lead(trail: number, tap: number, tunnel: number, timeNs: number): void {
    const sightings = this.#sightings;
    const alone = (this.#trails.flags(trail) & Flag.ToGroup) === 0;
    for (let at = this.#trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      const other = sightings.tunnel(at);
      if (tunnel >= 0 === other >= 0) continue;
      const side = tunnel < 0 ? this.#sides[tap] : this.#sideAt(sightings.endpoint(at));
      const through = tunnel < 0 ? other : tunnel;
      if (!side || side.direction(through) !== Direction.Unknown || this.#isFloodOf(trail, side, through)) continue;
      const there = this.#points.tap(sightings.endpoint(at) >> 1);
      const [overlay, underlay] = tunnel < 0 ? [tap, there] : [there, tap];
      if (!this.#clocks.tellWay(overlay, underlay)) continue;
      // What is flooded may have been heard beside its sender, before it left or after.
      const beside = alone ? Direction.Unknown : this.#directionBeside(overlay, through);
      if (beside !== Direction.Unknown) {
        side.lead(through, beside, false);
        continue;
      }
      if (!alone && !this.#clocks.tellOrder(overlay, underlay, timeNs - sightings.timeNs(at))) continue;
      // Of equal times, what is taken in first was first.
      const outwards = tunnel < 0 ? timeNs < sightings.timeNs(at) : timeNs >= sightings.timeNs(at);
      side.lead(through, outwards ? Direction.Encap : Direction.Decap, alone);
    }
  }

  /** Whether a copy for others, of what is flooded since nobody has learnt its MAC: another one went by a VTEP of this side. */
  #isFloodOf(trail: number, side: OverlaySide, tunnel: number): boolean {
    if (side.involves(tunnel)) return false;
    const sightings = this.#sightings;
    for (let at = this.#trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      const other = sightings.tunnel(at);
      if (other >= 0 && side.involves(other)) return true;
    }
    return false;
  }

  /** Which way a tunnel leads for another overlay tap of the same host, which is behind the same VTEP. */
  #directionBeside(tap: number, tunnel: number): Direction {
    for (let other = 0; other < this.#sides.length; other++) {
      const direction = this.#sides[other]?.direction(tunnel) ?? Direction.Unknown;
      if (direction !== Direction.Unknown && this.#clocks.areOfOneHost(tap, other)) return direction;
    }
    return Direction.Unknown;
  }

  #sideAt(endpoint: number): OverlaySide | null {
    return this.#sides[this.#points.tap(endpoint >> 1)] as OverlaySide | null;
  }
}
