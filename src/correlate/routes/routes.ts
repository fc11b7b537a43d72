/**
 * Routes: the way that frames take from tap to tap, tunnel by tunnel, and the hop at which some of them vanish. A tap
 * that saw frames from one MAC to another in a tunnel is on the way of all of them.
 */

import { isArp } from '../identity/identity.js';
import type { Clocks } from '../taps/clocks.js';
import type { Presence } from '../taps/presence.js';
import type { SightingList } from '../trails/sighting-list.js';
import type { Sightings } from '../trails/sightings.js';
import { DUPLICATE_NS } from '../trails/trails.js';
import type { Absent } from './absentees.js';
import type { Flows } from './flows.js';
import type { Hop } from './hop.js';
import { Hops } from './hops.js';
import { Lapses } from './lapses.js';
import { Path, type PathParts } from './path.js';
import { type PartlySeen, Patterns } from './patterns.js';
import { Proof } from './proof.js';
import { asSeen } from './seen.js';
import { Torn } from './torn.js';

/** What routes are found from. */
export interface RouteParts extends PathParts {
  readonly flows: Flows;
  readonly presences: readonly Presence[];
  readonly clocks: Clocks;
  /** Told the sightings of a frame in the order of its way, one tunnel at a time. */
  readonly onPath: ((tunnel: number, path: Uint32Array, sightings: Sightings) => void) | null;
}

/** Follows trails. */
export class Routes {
  readonly #parts: RouteParts;
  readonly #sightings: Sightings;
  readonly #flows: Flows;
  readonly #hops: Hops;
  readonly #patterns: Patterns;
  readonly #path: Path;
  readonly #twinPath: Path;
  readonly #torn: Torn;

  constructor(parts: RouteParts) {
    this.#parts = parts;
    this.#sightings = parts.trails.sightings;
    this.#flows = parts.flows;
    this.#hops = new Hops(this.#sightings, parts.ends);
    this.#patterns = new Patterns(parts);
    this.#path = new Path(parts);
    this.#twinPath = new Path(parts);
    this.#torn = new Torn(parts);
  }

  /**
   * Follows a trail that is settled.
   *
   * @param list its sightings
   * @param twin those of a trail that it looks like a copy of; null without
   *
   * **Cost** amortised no allocation.
   */
  add(trail: number, list: SightingList, twin: SightingList | null): void {
    const isHalf = this.#torn.isHalf(trail, list);
    let inTunnel = false;
    for (let index = 0; index < list.count; index++) {
      const tunnel = list.tunnel(index);
      if (tunnel < 0) continue;
      inTunnel = true;
      if (!list.hasBefore(index, tunnel)) this.#follow(trail, list, tunnel, twin, isHalf);
    }
    if (!inTunnel) this.#follow(trail, list, -1, twin, isHalf);
  }

  /**
   * Follows a frame that two endpoints saw, and no other one did: what most frames are.
   *
   * @param from the sighting that comes first on its way
   * @param flow its flow; -1 where that has no number
   *
   * **Cost** amortised no allocation.
   */
  addPassed(trail: number, from: number, to: number, tunnel: number, flow: number): void {
    const sightings = this.#sightings;
    const flows = this.#flows;
    let hop = flow < 0 ? -1 : flows.hop(flow);
    if (hop >= 0) {
      flows.pass(flow);
    } else {
      const [a, b] = [sightings.endpoint(from), sightings.endpoint(to)];
      hop = this.#hops.of(tunnel, a, b);
      const pattern = this.#patterns.addPassed(trail, tunnel, a, b);
      if (flow >= 0 && hop >= 0 && pattern >= 0) flows.lead(flow, hop, pattern);
    }
    if (hop >= 0) this.#hops.pass(hop, from, to);
  }

  /** Counts a frame at the hop of its flow, which has counted it: it came behind no later one. **Cost** amortised no allocation. */
  passInOrder(flow: number, latencyNs: number): void {
    this.#hops.passInOrder(this.#flows.hop(flow), latencyNs);
  }

  /** @param isHalf whether nobody can say what it lacks */
  #follow(trail: number, list: SightingList, tunnel: number, twin: SightingList | null, isHalf: boolean): void {
    const sightings = this.#sightings;
    const path = this.#path;
    path.order(trail, list, tunnel);
    if (path.count === 0) return;
    if (twin !== null && this.#isCopy(path, trail, twin, tunnel)) return;
    for (let index = 1; index < path.count; index++) {
      const [from, to] = [path.at[index - 1] as number, path.at[index] as number];
      const hop = this.#hops.of(tunnel, sightings.endpoint(from), sightings.endpoint(to));
      if (hop >= 0) this.#hops.pass(hop, from, to);
    }
    if (tunnel >= 0) this.#parts.onPath?.(tunnel, path.at.subarray(0, path.count), sightings);
    if (!isHalf) this.#patterns.add(trail, tunnel, path);
  }

  /** Whether a frame is a copy of one that took the same way and more: then it was doubled on the hop before its first endpoint. */
  #isCopy(path: Path, trail: number, twin: SightingList, tunnel: number): boolean {
    if (tunnel >= 0) return this.#isCopyIn(path, trail, twin, tunnel);
    // What came out of a tunnel does not show which one.
    for (let index = 0; index < twin.count; index++) {
      const its = twin.tunnel(index);
      if (its < 0 || twin.hasBefore(index, its)) continue;
      if (this.#isCopyIn(path, trail, twin, its)) return true;
    }
    return false;
  }

  #isCopyIn(path: Path, trail: number, twin: SightingList, tunnel: number): boolean {
    const sightings = this.#sightings;
    const whole = this.#twinPath;
    whole.order(trail, twin, tunnel);
    if (whole.count <= path.count) return false;
    const endpoint = sightings.endpoint(path.at[0] as number);
    let place = 0;
    while (place < whole.count && sightings.endpoint(whole.at[place] as number) !== endpoint) place++;
    if (place === whole.count) return false;
    if (place > 0) {
      const before = whole.at[place - 1] as number;
      const hop = this.#hops.at(this.#hops.of(tunnel, sightings.endpoint(before), endpoint));
      if (hop !== undefined && this.#sawAround(before, trail)) {
        hop.addDuplicated(asSeen(sightings, path.at[0] as number));
      }
    }
    return true;
  }

  /** Whether a tap was capturing around a sighting: else what looks like its copy may have passed there as well, unseen. */
  #sawAround(sighting: number, trail: number): boolean {
    const { trails } = this.#parts;
    const timeNs = this.#sightings.timeNs(sighting);
    const presence = this.#presence(this.#tapAt(this.#sightings.endpoint(sighting)));
    // Who is asked twice answers twice, byte by byte the same; else only what a network doubled is so much alike.
    const aroundNs = isArp(trails.words(), trails.at(trail)) ? DUPLICATE_NS : 1;
    return presence.covers(timeNs - aroundNs) && presence.covers(timeNs + aroundNs);
  }

  /** All hops, as what was added so far shows them; by tunnel, in the order of the way. **Cost** allocates. */
  hops(): Hop[] {
    this.#hops.renew();
    const lapses = new Lapses(this.#parts.presences);
    const vanished: { those: PartlySeen; way: number[] }[] = [];
    for (const those of this.#patterns.partlySeen(this.#flows)) {
      const way = this.#addMissed(those, lapses);
      if (way.length > 1) vanished.push({ those, way });
    }
    // Now all is known that captures missed.
    for (const { those, way } of vanished) this.#addVanished(those, way, lapses);
    return this.#hops.inOrder();
  }

  /**
   * Finds where frames were missed, by the way that others between their MACs took.
   *
   * @returns that way from the last place on that saw them
   */
  #addMissed({ tunnel, count, seenAt, everywhere, frames }: PartlySeen, lapses: Lapses): number[] {
    const way = [...everywhere].sort((x, y) => this.#hops.compare(tunnel, x, y));
    const isSeen = way.map((endpoint) => seenAt.includes(endpoint));
    const end = isSeen.lastIndexOf(true);
    for (let place = isSeen.indexOf(true); place >= 0 && place < end; place++) {
      if (!isSeen[place] || isSeen[place + 1]) continue;
      const [from, to] = [way[place] as number, way[place + 1] as number];
      const presence = this.#presence(this.#tapAt(to));
      const listed = [...frames.vanished, ...frames.acknowledged].filter(({ timeNs }) => presence.covers(timeNs));
      this.#hopTo(tunnel, from, to)?.addMissed(frames.countWhile(presence, count), listed);
      lapses.add(this.#tapAt(to), listed);
    }
    const rest = end < 0 ? [] : way.slice(end);
    const next = rest[1];
    if (next !== undefined) lapses.add(this.#tapAt(next), frames.acknowledged);
    return rest;
  }

  /**
   * Adds frames that nobody saw behind a place to the hop to the next one; those of which that one shows nothing, and a tap
   * at another end behind it does, to the hop to this one.
   *
   * @param way from the place on
   */
  #addVanished({ tunnel, count, frames }: PartlySeen, way: readonly number[], lapses: Lapses): void {
    const [from, next] = way as [number, number];
    const hop = this.#hopTo(tunnel, from, next);
    if (hop === undefined) return;
    let takesNs = hop.latencyNs?.p95 ?? 0;
    const proofAt = (endpoint: number, isOrdered: boolean): Proof => {
      const tap = this.#tapAt(endpoint);
      const missed = lapses.around(tap, frames.vanished);
      return new Proof({ presence: this.#presence(tap), missed, endpoint, isOrdered, takesNs });
    };
    const proof = proofAt(next, this.#isOrdered(hop));
    const open = new Set(frames.vanished.filter((frame) => !proof.holds(frame)));
    const proven = new Set<Absent>();
    const { ends } = this.#parts;
    for (let place = 2; place < way.length && open.size > 0; place++) {
      const [before, to] = [way[place - 1] as number, way[place] as number];
      takesNs += this.#hops.between(tunnel, before, to)?.latencyNs?.p95 ?? 0;
      // At the same end, each may be one of several ways.
      if (ends.of(tunnel, to) === ends.of(tunnel, next)) continue;
      const farther = proofAt(to, true);
      const shown = [...open].filter((frame) => farther.holds(frame));
      if (shown.length === 0) continue;
      this.#hopTo(tunnel, from, to)?.addProven(shown);
      for (const frame of shown) {
        open.delete(frame);
        proven.add(frame);
      }
    }
    hop.addVanished(count - proven.size, frames.without(proven), proof);
  }

  #hopTo(tunnel: number, from: number, to: number): Hop | undefined {
    return this.#hops.at(this.#hops.of(tunnel, from, to));
  }

  /** Whether it is known which of a hop's endpoints comes first, and not assumed of clocks that nothing compared. */
  #isOrdered({ tunnel, from, to, latencyNs }: Hop): boolean {
    const { points, ends, clocks } = this.#parts;
    if (ends.of(tunnel, from) !== ends.of(tunnel, to)) return true;
    return clocks.tellOrder(points.tap(from >> 1), points.tap(to >> 1), latencyNs?.p50 ?? 0);
  }

  #presence(tap: number): Presence {
    return this.#parts.presences[tap] as Presence;
  }

  #tapAt(endpoint: number): number {
    return this.#parts.points.tap(endpoint >> 1);
  }
}
