/**
 * Pairs: an overlay frame and one of its encapsulations. What a pair adds to the counts of its taps, and who is told.
 */
import type { Clocks } from '../taps/clocks.js';
import type { Neighbours } from '../taps/neighbours.js';
import { Direction } from '../taps/overlay-side.js';
import { MAX_LISTED, type TapPair } from '../taps/tap-pair.js';
import { Mark, type Sightings } from '../trails/sightings.js';

/** A pair, as it is told to who asks for pairs. */
export interface Pair {
  readonly overlay: number;
  readonly underlay: number;
  readonly overlayFrame: number;
  readonly underlayFrame: number;
  readonly tunnel: number;
  readonly direction: Direction;
  readonly latencyNs: number;
  /** Of a frame to a group: it may have more pairs. */
  readonly toGroup: boolean;
}

/** What pairs are counted by, and who is told. */
export interface PairCounterParts {
  readonly sightings: Sightings;
  readonly neighbours: Neighbours;
  readonly clocks: Clocks;
  readonly onPair: (pair: Pair) => void;
  /** Whether `onPair` is told all pairs; else only those of frames to a group. */
  readonly everyPair: boolean;
}

/** Counts pairs. */
export class PairCounter {
  readonly #parts: PairCounterParts;
  readonly #sightings: Sightings;

  constructor(parts: PairCounterParts) {
    this.#parts = parts;
    this.#sightings = parts.sightings;
  }

  /**
   * Counts a pair.
   *
   * @param taps the overlay tap and the underlay tap that saw it
   * @param bare the overlay frame's sighting
   * @param inner the encapsulation's
   * @param first of its overlay frame: its latency counts
   * @param toGroup whether the frame is to a group: the latency of each counts
   *
   * **Cost** amortised no allocation, save for who is told.
   */
  add(taps: TapPair, bare: number, inner: number, first: boolean, toGroup: boolean): void {
    const sightings = this.#sightings;
    const { neighbours, clocks, onPair, everyPair } = this.#parts;
    const tunnel = sightings.tunnel(inner);
    const row = taps.row(tunnel);
    const bareNs = sightings.timeNs(bare);
    const innerNs = sightings.timeNs(inner);
    let direction = taps.side.direction(tunnel);
    if (direction === Direction.Unknown) {
      direction = innerNs >= bareNs ? Direction.Encap : Direction.Decap;
      // What is flooded may have been heard beside its sender, or come out of another tunnel.
      const { overlay, underlay } = taps;
      const isSure =
        !toGroup || (clocks.tellWay(overlay, underlay) && clocks.tellOrder(overlay, underlay, innerNs - bareNs));
      if (isSure) taps.side.lead(tunnel, direction, !toGroup);
    }
    const encap = direction === Direction.Encap;
    const latencyNs = encap ? innerNs - bareNs : bareNs - innerNs;
    const ambiguous = ((sightings.marks(bare) | sightings.marks(inner)) & Mark.Ambiguous) !== 0;
    if (ambiguous) row.ambiguous++;
    if ((sightings.marks(encap ? inner : bare) & ~sightings.marks(encap ? bare : inner) & Mark.Late) !== 0) {
      row.addReordered(encap ? sightings.frame(inner) : -sightings.frame(bare));
    }
    if (encap && neighbours.resolvedBetween(tunnel, bareNs, innerNs)) {
      // Where nothing shows what their clocks differ by, a difference may look like a wait.
      const waitNs = clocks.areCompared(taps.overlay, taps.underlay)
        ? latencyNs
        : neighbours.waitedAt(taps.underlay, tunnel, bareNs, innerNs);
      if (row.firstPackets.length < MAX_LISTED && !Number.isNaN(waitNs)) {
        const [overlayFrame, underlayFrame] = [sightings.frame(bare), sightings.frame(inner)];
        row.firstPackets.push({ overlayFrame, underlayFrame, tunnel, waitNs });
      }
    } else if (first || toGroup) {
      taps.latencies.add(encap ? row.encap : row.decap, latencyNs);
      if (!ambiguous) clocks.learn(taps.overlay, taps.underlay, direction, innerNs, latencyNs);
    }
    if (everyPair || toGroup) {
      onPair({
        overlay: taps.overlay,
        underlay: taps.underlay,
        overlayFrame: sightings.frame(bare),
        underlayFrame: sightings.frame(inner),
        tunnel,
        direction,
        latencyNs,
        toGroup,
      });
    }
  }
}
