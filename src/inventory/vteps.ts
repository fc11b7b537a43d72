/**
 * VTEPs: the addresses that tunnels run between, with the MACs and VNIs that they were seen with.
 */
import { macText } from '../wire/address.js';
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { outerMac, STRIDE, type Traffic, Word } from './traffic.js';

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
  return seen(traffic)
    .filter(({ family, address }) => !addresses.isMulticast(family, address))
    .sort((a, b) => addresses.compare(a.family, a.address, b.family, b.address))
    .map(({ family, address, macs, vnis, frames }) => ({
      address: addresses.text(family, address),
      macs: [...macs].sort((a, b) => a - b).map(macText),
      vnis: [...vnis].sort((a, b) => a - b),
      frames,
    }));
}

/** Who sends and who is sent to, groups too. */
function seen(traffic: Traffic): Row[] {
  const { rows, words } = traffic;
  const table = new KeyTable(rows * 2);
  const all: Row[] = [];
  for (let row = 0; row < rows; row++) {
    const at = row * STRIDE;
    const vniAndFamily = words[at + Word.VniAndFamily] as number;
    const sender = rowOf(table, all, vniAndFamily, words[at + Word.Source] as number);
    sender.frames += traffic.frames(row);
    const mac = outerMac(traffic, row);
    if (mac !== 0) sender.macs.add(mac);
    rowOf(table, all, vniAndFamily, words[at + Word.Destination] as number);
  }
  return all;
}

/** The row of an address, made if it is new, with this VNI added. */
function rowOf(table: KeyTable, all: Row[], vniAndFamily: number, address: number): Row {
  const family = vniAndFamily >>> 24;
  const number = table.row(family, address, 0, 0);
  if (number === all.length) all.push({ family, address, macs: new Set(), vnis: new Set(), frames: 0 });
  const row = all[number] as Row;
  row.vnis.add(vniAndFamily & 0xff_ffff);
  return row;
}
