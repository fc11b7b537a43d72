/**
 * Tunnels: one direction between two VTEPs in one VNI, with what they carried.
 */
import { LAYER_NAMES, type LayerStack } from '../wire/stack.js';
import type { Addresses } from './addresses.js';
import { Counters, KeyTable } from './key-table.js';
import { isVxlan, type TunnelKey } from './tunnel-key.js';

/** One tunnel. */
export interface Tunnel {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number;
  readonly frames: number;
  /** Bytes on the wire, outer headers included. */
  readonly bytes: number;
  /** Frames by what the inner frame is: the name of its last layer. */
  readonly inner: Readonly<Record<string, number>>;
}

/** The most tunnels that are told apart. */
export const MAX_TUNNEL_ROWS = 131_072;

const FRAMES = 0;
const BYTES = 1;
const INNER = 2;

/** Counts frames by tunnel. */
export class Tunnels {
  /** Keyed (VNI and family, source, destination, port). */
  readonly table: KeyTable;
  readonly #counts: Counters;

  constructor() {
    this.table = new KeyTable(MAX_TUNNEL_ROWS);
    this.#counts = new Counters(INNER + LAYER_NAMES.length);
  }

  /** Counts a frame whose VXLAN layer at `index` belongs to `key`. **Cost** amortised no allocation. */
  add(key: TunnelKey, stack: LayerStack, index: number): void {
    const row = this.table.row(key.vniAndFamily, key.source, key.destination, key.port);
    if (row < 0) return;
    this.#counts.add(row, FRAMES, 1);
    this.#counts.add(row, BYTES, stack.wireLen);
    this.#counts.add(row, INNER + innerKind(stack, index), 1);
  }

  /** Frames of a tunnel. @param row its row in `table` */
  frames(row: number): number {
    return this.#counts.get(row, FRAMES);
  }

  /** All tunnels, by VNI, source, destination, port. **Cost** allocates. */
  list(addresses: Addresses): Tunnel[] {
    const { table } = this;
    const order = Array.from({ length: table.size }, (_, row) => row).sort((a, b) => {
      const familyA = table.word(a, 0) >>> 24;
      const familyB = table.word(b, 0) >>> 24;
      return (
        (table.word(a, 0) & 0xff_ffff) - (table.word(b, 0) & 0xff_ffff) ||
        addresses.compare(familyA, table.word(a, 1), familyB, table.word(b, 1)) ||
        addresses.compare(familyA, table.word(a, 2), familyB, table.word(b, 2)) ||
        table.word(a, 3) - table.word(b, 3)
      );
    });
    return order.map((row) => {
      const family = table.word(row, 0) >>> 24;
      return {
        vni: table.word(row, 0) & 0xff_ffff,
        source: addresses.text(family, table.word(row, 1)),
        destination: addresses.text(family, table.word(row, 2)),
        destinationPort: table.word(row, 3),
        frames: this.#counts.get(row, FRAMES),
        bytes: this.#counts.get(row, BYTES),
        inner: this.#inner(row),
      };
    });
  }

  #inner(row: number): Record<string, number> {
    const inner: Record<string, number> = {};
    for (let kind = 0; kind < LAYER_NAMES.length; kind++) {
      const name = LAYER_NAMES[kind] as string;
      const frames = this.#counts.get(row, INNER + kind);
      if (frames > 0) inner[name] = (inner[name] ?? 0) + frames;
    }
    return inner;
  }
}

/** Kind of the last layer inside the tunnel header at `index`, quotations left out; a nested tunnel's header ends it. */
function innerKind(stack: LayerStack, index: number): number {
  const end = stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex;
  for (let inner = index + 1; inner <= stack.tunnelIndex; inner++) {
    if (isVxlan(stack.kinds[inner])) return stack.kinds[inner] as number;
  }
  return stack.kinds[end - 1] as number;
}
