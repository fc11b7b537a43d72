/**
 * VTEPs: the addresses that tunnels run between, with the MACs and VNIs that they were seen with.
 */
import { macText } from '../wire/address.js';
import type { Addresses } from './addresses.js';
import { outerMac, STRIDE, type Traffic, Word } from './traffic.js';
import type { Way, Ways } from './ways.js';

/** A VXLAN tunnel endpoint. */
export interface Vtep {
  readonly address: string;
  /** Source MACs of the frames that it sent; a router's, where one is in between. */
  readonly macs: readonly string[];
  readonly vnis: readonly number[];
  /** Frames that it sent; 0 for one that was only ever sent to. */
  readonly frames: number;
}

interface Made {
  readonly family: number;
  readonly number: number;
  readonly address: string;
  readonly macs: Set<number>;
  readonly vnis: Set<number>;
  frames: number;
}

/** All VTEPs by address; multicast groups are none. **Cost** allocates. */
export function listVteps(traffic: Traffic, addresses: Addresses, ways: Ways): Vtep[] {
  return seen(traffic, ways)
    .filter(({ family, number }) => !addresses.isMulticast(family, number))
    .sort((a, b) => addresses.compare(a.family, a.number, b.family, b.number))
    .map(({ address, macs, vnis, frames }) => ({
      address,
      macs: [...macs].sort((a, b) => a - b).map(macText),
      vnis: [...vnis].sort((a, b) => a - b),
      frames,
    }));
}

/** Who sends and who is sent to, groups too: along the ways, so that what a row shows anew is all that is looked at. */
function seen(traffic: Traffic, ways: Ways): Made[] {
  const all = new Map<string, Made>();
  const { words } = traffic;
  const { order } = ways;
  let sender: Made | null = null;
  let receiver: Made | null = null;
  let way: Way | null = null;
  let last = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place] as number;
    const at = row * STRIDE;
    const next = ways.at(row);
    const isSameSender = next.source === sender?.address;
    if (sender?.address !== next.source) sender = vtepOf(all, next.source, words, at, Word.Source);
    if (receiver?.address !== next.destination) {
      receiver = vtepOf(all, next.destination, words, at, Word.Destination);
    }
    if (next !== way) {
      sender.vnis.add(next.vni);
      receiver.vnis.add(next.vni);
      way = next;
    }
    sender.frames += traffic.frames(row);
    if (!isSameSender || !hasSameMac(words, at, last)) noteMac(sender, outerMac(traffic, row));
    last = at;
  }
  return [...all.values()];
}

/** The VTEP of that address, made if it is new. @param word where its number is in the row whose words start at `at` */
function vtepOf(all: Map<string, Made>, address: string, words: Int32Array, at: number, word: Word): Made {
  const known = all.get(address);
  if (known !== undefined) return known;
  const family = (words[at + Word.VniAndFamily] as number) >>> 24;
  const number = words[at + word] as number;
  const made = { family, number, address, macs: new Set<number>(), vnis: new Set<number>(), frames: 0 };
  all.set(address, made);
  return made;
}

/** Whether the outer frames of two rows came from one MAC. @param a where its words start @param b the other's */
function hasSameMac(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a + Word.OuterMacLow] === words[b + Word.OuterMacLow] &&
    words[a + Word.OuterMacHigh] === words[b + Word.OuterMacHigh]
  );
}

function noteMac({ macs }: Made, mac: number): void {
  if (mac !== 0) macs.add(mac);
}
