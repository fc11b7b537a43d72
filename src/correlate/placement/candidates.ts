/**
 * Candidates: which of the trails that look like the frame at hand it belongs to. Of several, the one wins whose latency
 * is nearest to what the lane has taken so far.
 */

import { Flag, type Identity, isArp } from '../identity/identity.js';
import { Likeness } from '../identity/likeness.js';
import type { Lanes } from '../taps/lanes.js';
import type { Bearings } from '../trails/bearings.js';
import { MAX_SIGHTINGS, type Sightings } from '../trails/sightings.js';
import { DUPLICATE_NS, type Trails } from '../trails/trails.js';

/** The most steps along a chain: what bounds the time that identical frames take. */
const MAX_STEPS = 32;
/** The share of the window in which a trail takes in frames: what another tap sees of them is still to come then. */
const OPEN_SHARE = 0.99;
/** Ranks what was changed on the way behind what is the same. */
const CHANGED_RANK_NS = 1e18;

/** What a tap's place on a trail may be. */
const Place = { Free: 0, Taken: 1, Other: 2 } as const;

/** Looks through the trails of a key. */
export class Candidates {
  /** Whether another trail would have done as well as the one that was found. */
  areSeveral: boolean;
  /** Where none was found, the trail that the frame looks like a copy of; 0 without. */
  twin: number;
  /** The newest trail that has the frame's key, whether it belongs there or not; 0 without. */
  newest: number;
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #bearings: Bearings;
  readonly #lanes: Lanes;
  readonly #identity: Identity;
  /** Trails that are further away take in nothing. */
  readonly #farthestNs: number;
  /** Where the last look at a trail's sightings found the place taken. */
  #takenBy = 0;

  /** @param identity what the frame at hand is read into @param windowNs how long a trail stays */
  constructor(trails: Trails, bearings: Bearings, lanes: Lanes, identity: Identity, windowNs: number) {
    this.areSeveral = false;
    this.twin = 0;
    this.newest = 0;
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#bearings = bearings;
    this.#lanes = lanes;
    this.#identity = identity;
    this.#farthestNs = windowNs * OPEN_SHARE;
  }

  /** Finds the trail that the frame at hand belongs to. @param tunnel -1 where it is bare. @returns 0 without. **Cost** no allocation. */
  find(tap: number, endpoint: number, timeNs: number, tunnel: number, outer: number): number {
    const trails = this.#trails;
    const bearings = this.#bearings;
    const lanes = this.#lanes;
    const identity = this.#identity;
    const toGroup = (identity.flags & Flag.ToGroup) !== 0;
    this.twin = 0;
    this.newest = trails.newest(identity.key);
    let best = 0;
    let bestRank = Number.POSITIVE_INFINITY;
    let bestBound = 0;
    let takenRank = Number.POSITIVE_INFINITY;
    let taken = 0;
    let twinNs = DUPLICATE_NS;
    let count = 0;
    for (let trail = this.newest, steps = 0; trail !== 0 && steps < MAX_STEPS; trail = trails.older(trail), steps++) {
      const forward = bearings.isForward(trail, tap, tunnel);
      const opener = trails.openEndpoint(trail);
      const lane = forward ? lanes.of(opener, endpoint) : lanes.of(endpoint, opener);
      const latencyNs = forward ? timeNs - trails.openNs(trail) : trails.openNs(trail) - timeNs;
      const offNs = Math.abs(latencyNs - lane.mean);
      const isPlausible = offNs <= lane.bound;
      const isFirstOfBest = best !== 0 && trails.twin(best) === trail;
      // Older ones are further away still.
      if (latencyNs > lane.mean && !isFirstOfBest) {
        if (!isPlausible && Math.min(bestRank, takenRank) < offNs && !this.#isAnsweredTwice(taken, trail)) break;
        // What would do as well is known to be there, and does no better.
        if (count > 1 && bestRank < offNs && bestRank <= bestBound) break;
      }
      if (Math.abs(latencyNs) > this.#farthestNs) continue;
      // No copy of a flood was heard beside its sender: the frame that it looks like was.
      const isFlood = toGroup && trails.twin(trail) === 0;
      if (latencyNs < 0 && !isPlausible && !bearings.mayRunBack(latencyNs, opener, endpoint, isFlood)) continue;
      // Nor does one of many that were sent from here as well.
      if (count > 1 && takenRank <= offNs && isRetry(trails, trail, endpoint)) continue;
      const likeness = trails.likeness(identity, trail);
      if (likeness === Likeness.None || !bearings.mayShare(trail, tap, tunnel)) continue;
      const place = this.#placeOn(trail, endpoint, tunnel, outer);
      if (place === Place.Other) continue;
      const rank = offNs + (Likeness.Same - likeness) * CHANGED_RANK_NS;
      if (isPlausible && trails.twin(trail) === 0) count++;
      if (place === Place.Taken) {
        if (rank < takenRank) {
          takenRank = rank;
          taken = trail;
        }
        const apartNs = Math.abs(timeNs - this.#sightings.timeNs(this.#takenBy));
        if (likeness === Likeness.Same && apartNs <= twinNs && !isRetry(trails, trail, endpoint)) {
          this.twin = trail;
          twinNs = apartNs;
        }
      } else if (
        rank < bestRank ||
        (isFirstOfBest && (isPlausible || bestRank > bestBound || this.#keepsStep(trail, best, endpoint, timeNs)))
      ) {
        // Of copies the first one comes first, so that the later one is the duplicate: where both come late as well.
        best = trail;
        bestRank = rank;
        bestBound = lane.bound;
      }
    }
    this.areSeveral = count > 1;
    if (best === 0 || bestRank <= takenRank || bestRank <= bestBound) return best;
    if (!this.#isAnsweredTwice(taken, best)) return 0;
    this.areSeveral = true;
    return best;
  }

  /** The newest trail that was opened where this one was, by a frame with the key of that which is looked for; itself where there is none. */
  lastLike(trail: number): number {
    const trails = this.#trails;
    const opener = trails.openEndpoint(trail);
    for (let like = this.newest, steps = 0; like > trail && steps < MAX_STEPS; like = trails.older(like), steps++) {
      if (trails.openEndpoint(like) === opener) return like;
    }
    return trail;
  }

  /** Whether a trail came here from where its copy began in the time that the copy takes: what it waited for was before that. */
  #keepsStep(trail: number, copy: number, endpoint: number, timeNs: number): boolean {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const from = trails.openEndpoint(copy);
    const tunnel = sightings.tunnel(trails.firstSighting(copy));
    const lane = this.#lanes.of(from, endpoint);
    let count = 0;
    for (let at = trails.firstSighting(trail); at !== 0 && count < MAX_SIGHTINGS; at = sightings.after(at), count++) {
      if (sightings.endpoint(at) !== from || sightings.tunnel(at) !== tunnel) continue;
      return Math.abs(timeNs - sightings.timeNs(at) - lane.mean) <= lane.bound;
    }
    return false;
  }

  /**
   * Whether two trails are the answers of one who was asked twice, byte by byte the same: then a second one that comes is
   * the other one, which waited, not a copy.
   */
  #isAnsweredTwice(trail: number, other: number): boolean {
    const trails = this.#trails;
    return (
      trail !== 0 &&
      isArp(this.#identity.words, this.#identity.at) &&
      trails.openEndpoint(trail) === trails.openEndpoint(other) &&
      Math.abs(trails.openNs(trail) - trails.openNs(other)) <= DUPLICATE_NS
    );
  }

  /** Whether a trail has a sighting at this place already, or is that of another packet of the same tunnel. */
  #placeOn(trail: number, endpoint: number, tunnel: number, outer: number): number {
    const sightings = this.#sightings;
    let count = 0;
    for (let at = this.#trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      if (sightings.tunnel(at) === tunnel) {
        if (sightings.endpoint(at) === endpoint || ++count === MAX_SIGHTINGS) {
          this.#takenBy = at;
          return Place.Taken;
        }
        // One encapsulation keeps its port and number from tap to tap.
        if (tunnel >= 0 && sightings.outer(at) !== outer) return Place.Other;
      }
    }
    return Place.Free;
  }
}

/** Whether a frame at this endpoint starts there once more: a sender's retry, not a copy made on the way. */
function isRetry(trails: Trails, trail: number, endpoint: number): boolean {
  return (endpoint & 1) === 0 && trails.openEndpoint(trail) === endpoint;
}
