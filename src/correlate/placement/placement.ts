/**
 * Placement: which trail a frame goes on. It joins the one that it belongs to; else, as a part, that of a larger frame;
 * else it opens its own, and takes in trails of its parts.
 */

import { Flag, type Identity, isArp } from '../identity/identity.js';
import { portsAt } from '../identity/segment.js';
import type { Flows } from '../routes/flows.js';
import type { EarlySettlement } from '../settlement/early-settlement.js';
import type { Settlement } from '../settlement/settlement.js';
import { SPLITS } from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';
import type { Lanes } from '../taps/lanes.js';
import type { Tunnels } from '../taps/tunnels.js';
import type { Bearings } from '../trails/bearings.js';
import { Mark, type Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';
import { Candidates } from './candidates.js';
import { Parts } from './parts.js';

/** What frames are placed by. */
export interface PlacementParts {
  readonly memory: PairingMemory;
  readonly trails: Trails;
  readonly tunnels: Tunnels;
  /** What the frame at hand is read into. */
  readonly identity: Identity;
  readonly bearings: Bearings;
  readonly lanes: Lanes;
  readonly flows: Flows;
  readonly settlement: Settlement;
  /** Null where no trail is settled before its time. */
  readonly early: EarlySettlement | null;
  /** How long a trail stays, ns. */
  readonly windowNs: number;
}

/** Puts frames on trails. */
export class Placement {
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #tunnels: Tunnels;
  readonly #identity: Identity;
  readonly #bearings: Bearings;
  readonly #lanes: Lanes;
  readonly #flows: Flows;
  readonly #settlement: Settlement;
  readonly #early: EarlySettlement | null;
  readonly #candidates: Candidates;
  readonly #parts: Parts;
  readonly #counts: Uint32Array;

  constructor({
    memory,
    trails,
    tunnels,
    identity,
    bearings,
    lanes,
    flows,
    settlement,
    early,
    windowNs,
  }: PlacementParts) {
    this.#counts = memory.counts;
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#tunnels = tunnels;
    this.#identity = identity;
    this.#bearings = bearings;
    this.#lanes = lanes;
    this.#flows = flows;
    this.#settlement = settlement;
    this.#early = early;
    this.#candidates = new Candidates(trails, bearings, lanes, identity, windowNs);
    this.#parts = new Parts(trails, bearings, identity);
  }

  /** Trails in the window of what may be one of several, or several in one. */
  get #splits(): number {
    return this.#counts[SPLITS] as number;
  }

  set #splits(count: number) {
    this.#counts[SPLITS] = count;
  }

  /**
   * Puts the frame whose identity was read on its trail; there must be room for another one.
   *
   * @param endpoint where it was seen
   * @param timeNs when, corrected
   * @param tunnel -1 where it is bare
   * @param outer what tells its outer packet from others of the tunnel
   *
   * **Cost** amortised no allocation.
   */
  place(tap: number, endpoint: number, frame: number, timeNs: number, tunnel: number, outer: number): void {
    const identity = this.#identity;
    const candidates = this.#candidates;
    const best = candidates.find(tap, endpoint, timeNs, tunnel, outer);
    if (best !== 0) {
      this.#join(best, tap, endpoint, frame, timeNs, tunnel, outer, candidates.areSeveral);
      return;
    }
    const { twin } = candidates;
    const hasParts = twin === 0 && identity.span.key !== 0;
    const isSplit = (identity.flags & Flag.Split) !== 0;
    const mayBeSplit = hasParts && (this.#splits > 0 || isSplit);
    // Of what is sent here a bare frame should have been there: it may have been a larger one, not too long for a wire.
    const isBehind = hasParts && tunnel >= 0 && this.#isBehind(tap, tunnel);
    const whole = mayBeSplit || isBehind ? this.#parts.wholeOf(tap, endpoint, tunnel, mayBeSplit, isBehind) : 0;
    if (whole !== 0) {
      this.#joinAsPart(whole, tap, endpoint, frame, timeNs, tunnel, outer);
      return;
    }
    // What is bare here and new to us was sent here, or it was put together from what was encapsulated before.
    const joined = hasParts && !isSplit && tunnel < 0 ? this.#parts.findJoined(tap, endpoint, tunnel) : 0;
    const trail = this.#open(endpoint, frame, timeNs, tunnel, outer, twin);
    if (joined > 0) this.#parts.join(trail, joined, tap, tunnel, timeNs);
    else if (mayBeSplit) this.#parts.gather(trail, tap, endpoint, tunnel, timeNs);
  }

  /** Whether what the frame at hand is a part of may have been seen elsewhere before: of what comes in, segments by another clock. */
  #isBehind(tap: number, tunnel: number): boolean {
    const { words, at } = this.#identity;
    return this.#bearings.leadsOut(tunnel) || (portsAt(words, at) >= 0 && this.#bearings.hasOtherClock(tap));
  }

  /** Says that the oldest trail is about to be settled: what is known to be of it only now goes on it. */
  leave(trail: number): void {
    if (this.#splits > 0) this.#parts.gatherLast(trail);
    if ((this.#trails.flags(trail) & Flag.Split) !== 0) this.#splits--;
  }

  #join(
    trail: number,
    tap: number,
    endpoint: number,
    frame: number,
    timeNs: number,
    tunnel: number,
    outer: number,
    ambiguous: boolean,
  ): void {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const opener = trails.firstSighting(trail);
    const sighting = sightings.add(frame, timeNs, endpoint, tunnel, outer, trails.lastSighting(trail));
    this.#append(trail, sighting, tap, timeNs, tunnel);
    const flow = ambiguous ? -1 : this.#learn(trail, opener, sighting, tap);
    if (ambiguous) sightings.mark(sighting, Mark.Ambiguous);
    this.#early?.settle(trail, opener, sighting, flow);
  }

  /** Learns from a sighting that belongs to a trail beyond doubt: what lies between, and its flow's order. @returns the flow's number, if any */
  #learn(trail: number, opener: number, sighting: number, tap: number): number {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const openEndpoint = trails.openEndpoint(trail);
    const endpoint = sightings.endpoint(sighting);
    const latencyNs = sightings.timeNs(sighting) - trails.openNs(trail);
    const tunnel = sightings.tunnel(sighting);
    if (!this.#bearings.isForward(trail, tap, tunnel)) {
      this.#lanes.of(endpoint, openEndpoint).learn(-latencyNs);
      return -1;
    }
    this.#lanes.of(openEndpoint, endpoint).learn(latencyNs);
    const flow = this.#flowTo(trail, opener, sighting);
    // Of answers that are byte by byte the same nobody can tell which one this is: it may be the last.
    const isOneOfSome = trails.hasLikes(trail) && isArp(trails.words(), trails.at(trail));
    const sent = isOneOfSome ? trails.firstSighting(this.#candidates.lastLike(trail)) : opener;
    if (flow < 0 || !this.#flows.isLate(flow, sightings.frame(sent))) return flow;
    sightings.mark(sighting, Mark.Late);
    this.#markBefore(trail, opener, sighting, flow);
    return flow;
  }

  /** Says of a frame that came late that it did so at the places before, too, where these did not see the one that overtook it. */
  #markBefore(trail: number, opener: number, sighting: number, flow: number): void {
    const sightings = this.#sightings;
    for (let at = sightings.after(opener); at !== 0 && at !== sighting; at = sightings.after(at)) {
      const there = this.#flowTo(trail, opener, at);
      const last = there < 0 ? 0 : this.#flows.lastSent(there);
      if (last > 0 && last < this.#flows.lastSent(flow)) sightings.mark(at, Mark.Late);
    }
  }

  /** The flow of a trail, from its opener to another of its sightings. */
  #flowTo(trail: number, opener: number, sighting: number): number {
    const [trails, sightings] = [this.#trails, this.#sightings];
    const tunnel = sightings.tunnel(sighting);
    const through = tunnel < 0 ? sightings.tunnel(opener) : tunnel;
    const [from, to] = [trails.openEndpoint(trail), sightings.endpoint(sighting)];
    return this.#flows.of(trails.words(), trails.at(trail), from, to, through);
  }

  /** Puts a frame on the trail of the larger one that it was found to be a part of. */
  #joinAsPart(
    trail: number,
    tap: number,
    endpoint: number,
    frame: number,
    timeNs: number,
    tunnel: number,
    outer: number,
  ): void {
    const trails = this.#trails;
    const sighting = this.#sightings.add(frame, timeNs, endpoint, tunnel, outer, trails.lastSighting(trail));
    this.#sightings.becomePart(sighting, this.#parts.offset, this.#parts.len);
    this.#append(trail, sighting, tap, timeNs, tunnel);
    this.#parts.follow(trail, endpoint, tunnel);
  }

  /** Appends a sighting to a trail that was there before, and learns the way of its tunnel, and its VNI. */
  #append(trail: number, sighting: number, tap: number, timeNs: number, tunnel: number): void {
    const trails = this.#trails;
    this.#bearings.lead(trail, tap, tunnel, timeNs);
    trails.append(trail, sighting);
    if ((trails.flags(trail) & Flag.HasMacs) === 0 && (this.#identity.flags & Flag.HasMacs) !== 0) {
      trails.takeMacs(trail, this.#identity);
    }
    if (tunnel >= 0 && trails.vni(trail) < 0) trails.setVni(trail, this.#tunnels.vni(tunnel));
  }

  /** Opens a trail. @returns its number */
  #open(endpoint: number, frame: number, timeNs: number, tunnel: number, outer: number, twin: number): number {
    const trails = this.#trails;
    const sighting = this.#sightings.add(frame, timeNs, endpoint, tunnel, outer, 0);
    const vni = tunnel < 0 ? -1 : this.#tunnels.vni(tunnel);
    const trail = trails.open(this.#identity, sighting, vni, this.#candidates.newest);
    if (twin !== 0) this.#settlement.expectTwin(trail, twin);
    if ((this.#identity.flags & Flag.Split) !== 0) {
      this.#splits++;
      this.#parts.keep(trail);
    }
    return trail;
  }
}
