/**
 * What was counted of one overlay tap against one underlay tap.
 */
import { KeyTable } from '../../inventory/key-table.js';
import type { LatencySummary, LatencyTable } from './latency.js';
import type { OverlaySide } from './overlay-side.js';
import type { Tunnels } from './tunnels.js';

/** The most frames that a row lists of each kind. */
export const MAX_LISTED = 1000;
const MAX_UNPAIRED_GROUPS = 65_536;

/** A frame that waited for the VTEP's address to be resolved. */
export interface FirstPacket {
  readonly overlayFrame: number;
  readonly underlayFrame: number;
  readonly tunnel: number;
  readonly waitNs: number;
}

/** Counts of one VNI. */
export class TapPairRow {
  matched = 0;
  duplicated = 0;
  reordered = 0;
  ambiguous = 0;
  /** Rows of its latencies. */
  readonly encap: number;
  readonly decap: number;
  /** Frames behind `duplicated` and `reordered`: negative numbers are the overlay's. The first `MAX_LISTED`. */
  readonly duplicates: number[] = [];
  readonly reorderings: number[] = [];
  readonly firstPackets: FirstPacket[] = [];

  readonly #latencies: LatencyTable;

  constructor(latencies: LatencyTable) {
    this.#latencies = latencies;
    this.encap = latencies.open();
    this.decap = latencies.open();
  }

  latency(): { encap: LatencySummary | null; decap: LatencySummary | null } {
    return { encap: this.#latencies.summary(this.encap), decap: this.#latencies.summary(this.decap) };
  }

  addDuplicate(signedFrame: number): void {
    this.duplicated++;
    if (this.duplicates.length < MAX_LISTED) this.duplicates.push(signedFrame);
  }

  addReordered(signedFrame: number): void {
    this.reordered++;
    if (this.reorderings.length < MAX_LISTED) this.reorderings.push(signedFrame);
  }
}

/** Unpaired frames with the same two MACs (and tunnel), counted together: whether they were missed shows at the end. */
export class Unpaired {
  readonly groups = new KeyTable(MAX_UNPAIRED_GROUPS);
  readonly counts: number[] = [];
  /** Of those, the ones that the other tap has not been shown to capture at the time of. */
  readonly unproven: number[] = [];
  readonly frames: number[][] = [];

  /** Counts one. @param words its identity's, from `at` on @returns its group; -1 where there is no place */
  add(words: Int32Array, at: number, frame: number, tunnel: number): number {
    // MACs; zero where there are none.
    const group = this.groups.row(words[at] as number, words[at + 1] as number, words[at + 2] as number, tunnel);
    if (group < 0) return group;
    this.counts[group] = (this.counts[group] ?? 0) + 1;
    this.unproven[group] ??= 0;
    const listed = this.frames[group] ?? [];
    this.frames[group] = listed;
    if (listed.length < MAX_LISTED) listed.push(frame);
    return group;
  }

  /** Goes through the groups. */
  forEach(
    each: (
      destination: number,
      source: number,
      tunnel: number,
      count: number,
      unproven: number,
      frames: readonly number[],
    ) => void,
  ): void {
    const { groups, counts, unproven, frames } = this;
    for (let group = 0; group < groups.size; group++) {
      const [a, b, c] = [groups.word(group, 0), groups.word(group, 1), groups.word(group, 2)];
      const destination = (a >>> 0) * 0x1_0000 + (b >>> 16);
      const source = (b & 0xffff) * 0x1_0000_0000 + (c >>> 0);
      each(
        destination,
        source,
        groups.word(group, 3),
        counts[group] as number,
        unproven[group] as number,
        frames[group] as number[],
      );
    }
  }
}

/** One overlay tap against one underlay tap; the same one where it is mixed. */
export class TapPair {
  readonly overlay: number;
  readonly underlay: number;
  readonly side: OverlaySide;
  readonly rows: Map<number, TapPairRow>;
  readonly unpairedOverlay: Unpaired;
  readonly unpairedUnderlay: Unpaired;
  /** Frames that the bound in frames pushed out of the window unpaired. */
  expired: number;
  /** Of its rows. */
  readonly latencies: LatencyTable;
  readonly #tunnels: Tunnels;
  /** The same by the place of the VNI (tunnels.ts). */
  readonly #byPlace: (TapPairRow | undefined)[];

  constructor(overlay: number, underlay: number, side: OverlaySide, tunnels: Tunnels, latencies: LatencyTable) {
    this.overlay = overlay;
    this.underlay = underlay;
    this.side = side;
    this.rows = new Map();
    this.unpairedOverlay = new Unpaired();
    this.unpairedUnderlay = new Unpaired();
    this.expired = 0;
    this.latencies = latencies;
    this.#tunnels = tunnels;
    this.#byPlace = [];
  }

  /** The counts of a tunnel's VNI. */
  row(tunnel: number): TapPairRow {
    const place = this.#tunnels.vniPlace(tunnel);
    const known = this.#byPlace[place];
    if (known !== undefined) return known;
    const row = this.rowOfVni(this.#tunnels.vni(tunnel));
    this.#byPlace[place] = row;
    return row;
  }

  rowOfVni(vni: number): TapPairRow {
    const known = this.rows.get(vni);
    if (known !== undefined) return known;
    const row = new TapPairRow(this.latencies);
    this.rows.set(vni, row);
    return row;
  }
}
