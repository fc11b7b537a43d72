/**
 * Paths: the sightings of a frame in the order of its way through a tunnel.
 */

import { Flag } from '../identity/identity.js';
import { Direction, type OverlaySide } from '../taps/overlay-side.js';
import type { Points } from '../taps/points.js';
import type { Tunnels } from '../taps/tunnels.js';
import type { SightingList } from '../trails/sighting-list.js';
import type { Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';
import type { Ends } from './ends.js';

/** The most places on one way. */
const MAX_PATH = 256;

/** What tells the order of a way. */
export interface PathParts {
  readonly trails: Trails;
  readonly points: Points;
  readonly tunnels: Tunnels;
  readonly ends: Ends;
  /** By tap; null of one whose bare frames are not paired. */
  readonly sides: readonly (OverlaySide | null)[];
}

/** The way of one frame, put in order anew for each. */
export class Path {
  /** The sightings, the first `count` of these. */
  readonly at: Uint32Array;
  count: number;
  readonly #parts: PathParts;
  readonly #sightings: Sightings;

  constructor(parts: PathParts) {
    this.at = new Uint32Array(MAX_PATH);
    this.count = 0;
    this.#parts = parts;
    this.#sightings = parts.trails.sightings;
  }

  /**
   * Puts the sightings of a frame in one tunnel in the order of its way.
   *
   * @param list all of its sightings
   * @param tunnel -1 of a frame that was seen bare only
   *
   * **Cost** no allocation.
   */
  order(trail: number, list: SightingList, tunnel: number): void {
    this.count = 0;
    const toGroup = (this.#parts.trails.flags(trail) & Flag.ToGroup) !== 0;
    this.#appendBare(list, tunnel, Direction.Encap, false);
    if (tunnel < 0) return;
    for (let index = 0; index < list.count; index++) {
      if (list.tunnel(index) === tunnel) this.#insert(list.at[index] as number, tunnel);
    }
    this.#appendBare(list, tunnel, Direction.Decap, toGroup);
  }

  /** Appends sightings of overlay taps that a tunnel leads away from, or to. @param own only where its VTEP is the receiver */
  #appendBare(list: SightingList, tunnel: number, direction: Direction, own: boolean): void {
    const { sides, points, tunnels } = this.#parts;
    for (let index = 0; index < list.count; index++) {
      if (!list.isBare(index)) continue;
      const at = list.at[index] as number;
      const side = sides[points.tap(this.#sightings.endpoint(at) >> 1)];
      if (!side || (tunnel >= 0 && side.direction(tunnel) !== direction)) continue;
      if (own && !side.isOwn(tunnels.receiver(tunnel))) continue;
      this.#append(at);
    }
  }

  /** Appends a sighting of an underlay tap, before those that are nearer to the tunnel's far end. */
  #insert(at: number, tunnel: number): void {
    const { ends } = this.#parts;
    const before = this.count;
    this.#append(at);
    if (this.count === before) return;
    const end = ends.of(tunnel, this.#sightings.endpoint(at));
    let place = before;
    while (place > 0 && ends.of(tunnel, this.#sightings.endpoint(this.at[place - 1] as number)) > end) {
      this.at[place] = this.at[place - 1] as number;
      place--;
    }
    this.at[place] = at;
  }

  /** Appends a sighting, unless its endpoint is there: of parts the first one stands for all. */
  #append(at: number): void {
    const endpoint = this.#sightings.endpoint(at);
    for (let index = 0; index < this.count; index++) {
      if (this.#sightings.endpoint(this.at[index] as number) === endpoint) return;
    }
    if (this.count < MAX_PATH) this.at[this.count++] = at;
  }
}
