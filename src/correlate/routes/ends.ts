/**
 * Ends: where on the way through a tunnel an endpoint lies, as far as the taps' kinds and hosts tell. That holds whatever
 * their clocks say.
 */
import { Direction, type OverlaySide } from '../taps/overlay-side.js';
import type { Points } from '../taps/points.js';

/** Places on a way, in their order. */
export const End = { OverlayIn: -2, SourceHost: -1, Between: 0, DestinationHost: 1, OverlayOut: 2 } as const;

/** Looks at which end endpoints are. */
export class Ends {
  readonly #points: Points;
  readonly #sides: readonly (OverlaySide | null)[];
  /** By tap, the overlay taps of its host. */
  readonly #neighbours: readonly (readonly OverlaySide[])[];

  /**
   * @param sides by tap; null of one whose bare frames are not paired
   * @param hosts by tap; null of one whose host is not known
   */
  constructor(points: Points, sides: readonly (OverlaySide | null)[], hosts: readonly (string | null)[]) {
    this.#points = points;
    this.#sides = sides;
    this.#neighbours = hosts.map((host) =>
      sides.filter((side, tap): side is OverlaySide => side !== null && host !== null && hosts[tap] === host),
    );
  }

  /** At which end of a tunnel an endpoint is. **Cost** no allocation. */
  of(tunnel: number, endpoint: number): number {
    const tap = this.#points.tap(endpoint >> 1);
    if ((endpoint & 1) === 0) {
      return this.#sides[tap]?.direction(tunnel) === Direction.Decap ? End.OverlayOut : End.OverlayIn;
    }
    const sides = this.#neighbours[tap] as readonly OverlaySide[];
    for (let index = 0; index < sides.length; index++) {
      const direction = (sides[index] as OverlaySide).direction(tunnel);
      if (direction === Direction.Encap) return End.SourceHost;
      if (direction === Direction.Decap) return End.DestinationHost;
    }
    return End.Between;
  }
}
