/**
 * VTEPs: the addresses that tunnels run between, with the MACs and VNIs that they were seen with.
 */
import { macText } from '../wire/address.js';
import type { LayerStack } from '../wire/stack.js';
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { linkSourceAt } from './link-source.js';
import { macHigh, macLow, type TunnelKey } from './tunnel-key.js';
import type { Tunnels } from './tunnels.js';

/** A VXLAN tunnel endpoint. */
export interface Vtep {
  readonly address: string;
  /** Source MACs of the frames that it sent; a router's, where one is in between. */
  readonly macs: readonly string[];
  readonly vnis: readonly number[];
  /** Frames that it sent; 0 for one that was only ever sent to. */
  readonly frames: number;
}

/** The most (VTEP, MAC) pairs that are remembered. */
export const MAX_VTEP_MACS = 65_536;

/** Remembers which MACs VTEPs send with; the rest follows from the tunnels. */
export class Vteps {
  /** Keyed (address, family, MAC high, MAC low). */
  readonly #macs: KeyTable;

  constructor() {
    this.#macs = new KeyTable(MAX_VTEP_MACS);
  }

  /** Notes the MAC below the outer IP layer of `key`. **Cost** amortised no allocation. */
  add(key: TunnelKey, stack: LayerStack): void {
    const at = key.ipIndex === 0 ? -1 : linkSourceAt(stack, key.ipIndex - 1);
    if (at >= 0) this.#macs.row(key.source, key.family, macHigh(stack.bytes, at), macLow(stack.bytes, at));
  }

  /** All VTEPs by address; multicast groups are none. **Cost** allocates. */
  list(tunnels: Tunnels, addresses: Addresses): Vtep[] {
    const rows = new KeyTable(2 * tunnels.table.size);
    const frames: number[] = [];
    const vnis: Set<number>[] = [];
    const macs: number[][] = [];
    const note = (family: number, address: number, vni: number, sent: number): void => {
      if (addresses.isMulticast(family, address)) return;
      const row = rows.row(family, address, 0, 0);
      frames[row] = (frames[row] ?? 0) + sent;
      vnis[row] = (vnis[row] ?? new Set()).add(vni);
    };
    for (let row = 0; row < tunnels.table.size; row++) {
      const family = tunnels.table.word(row, 0) >>> 24;
      const vni = tunnels.table.word(row, 0) & 0xff_ffff;
      note(family, tunnels.table.word(row, 1), vni, tunnels.frames(row));
      note(family, tunnels.table.word(row, 2), vni, 0);
    }
    for (let row = 0; row < this.#macs.size; row++) {
      if (!rows.has(this.#macs.word(row, 1), this.#macs.word(row, 0), 0, 0)) continue;
      const vtep = rows.row(this.#macs.word(row, 1), this.#macs.word(row, 0), 0, 0);
      macs[vtep] = [...(macs[vtep] ?? []), this.#macs.word(row, 2) * 0x1_0000_0000 + (this.#macs.word(row, 3) >>> 0)];
    }
    return Array.from({ length: rows.size }, (_, row) => row)
      .sort((a, b) => addresses.compare(rows.word(a, 0), rows.word(a, 1), rows.word(b, 0), rows.word(b, 1)))
      .map((row) => ({
        address: addresses.text(rows.word(row, 0), rows.word(row, 1)),
        macs: (macs[row] ?? []).sort((a, b) => a - b).map(macText),
        vnis: [...(vnis[row] as Set<number>)].sort((a, b) => a - b),
        frames: frames[row] as number,
      }));
  }
}
