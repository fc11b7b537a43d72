/**
 * VTEPs: the addresses that tunnels run between, with the MACs and VNIs that they were seen with.
 */
import { macText } from '../wire/address.js';
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { outerMac, type Traffic, Word } from './traffic.js';

/** A VXLAN tunnel endpoint. */
export interface Vtep {
  readonly address: string;
  /** Source MACs of the frames that it sent; a router's, where one is in between. */
  readonly macs: readonly string[];
  readonly vnis: readonly number[];
  /** Frames that it sent; 0 for one that was only ever sent to. */
  readonly frames: number;
}

interface Row {
  readonly family: number;
  readonly address: number;
  readonly macs: Set<number>;
  readonly vnis: Set<number>;
  frames: number;
}

/** All VTEPs by address; multicast groups are none. **Cost** allocates. */
export function listVteps(traffic: Traffic, addresses: Addresses): Vtep[] {
  const table = new KeyTable(traffic.rows * 2);
  const rows: Row[] = [];
  const rowOf = (family: number, address: number): Row => {
    const number = table.row(family, address, 0, 0);
    const row = rows[number] ?? { family, address, macs: new Set(), vnis: new Set(), frames: 0 };
    rows[number] = row;
    return row;
  };
  for (let row = 0; row < traffic.rows; row++) {
    const family = traffic.word(row, Word.VniAndFamily) >>> 24;
    const vni = traffic.word(row, Word.VniAndFamily) & 0xff_ffff;
    const sender = rowOf(family, traffic.word(row, Word.Source));
    sender.frames += traffic.frames(row);
    sender.vnis.add(vni);
    const mac = outerMac(traffic, row);
    if (mac !== 0) sender.macs.add(mac);
    rowOf(family, traffic.word(row, Word.Destination)).vnis.add(vni);
  }
  return rows
    .filter(({ family, address }) => !addresses.isMulticast(family, address))
    .sort((a, b) => addresses.compare(a.family, a.address, b.family, b.address))
    .map(({ family, address, macs, vnis, frames }) => ({
      address: addresses.text(family, address),
      macs: [...macs].sort((a, b) => a - b).map(macText),
      vnis: [...vnis].sort((a, b) => a - b),
      frames,
    }));
}
