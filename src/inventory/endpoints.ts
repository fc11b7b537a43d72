/**
 * Endpoints: the hosts behind VTEPs, told by VNI, MAC and the VTEP that they send through.
 */
import { macText } from '../wire/address.js';
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { innerMac, type Traffic, Word } from './traffic.js';

/** A host behind a VTEP. One that moved has a row for each VTEP. */
export interface Endpoint {
  readonly vni: number;
  readonly mac: string;
  /** Addresses that it sent from; a router's MAC has those of all that it forwards. */
  readonly addresses: readonly string[];
  readonly vtep: string;
  /** Frames that it sent. */
  readonly frames: number;
}

interface Row {
  readonly vni: number;
  readonly mac: number;
  readonly vtepFamily: number;
  readonly vtep: number;
  /** Its addresses, each once for every row of the traffic: the family above 32 bits. */
  readonly addresses: number[];
  frames: number;
}

/** All endpoints, by VNI, MAC, VTEP. **Cost** allocates. */
export function listEndpoints(traffic: Traffic, addresses: Addresses): Endpoint[] {
  const table = KeyTable.sized(traffic.rows);
  const rows: Row[] = [];
  traffic.forEach((word, frames) => {
    const mac = innerMac(word);
    if (mac === 0) return;
    const vniAndFamily = word(Word.VniAndFamily);
    const macHigh = word(Word.InnerMacHigh);
    const vtep = word(Word.Source);
    const number = table.row(vniAndFamily, macHigh & 0xffff, word(Word.InnerMacLow), vtep);
    const address = addressOf(word);
    const row = rows[number];
    if (row === undefined) {
      rows[number] = {
        vni: vniAndFamily & 0xff_ffff,
        mac,
        vtepFamily: vniAndFamily >>> 24,
        vtep,
        addresses: address < 0 ? [] : [address],
        frames,
      };
    } else {
      row.frames += frames;
      if (address >= 0) row.addresses.push(address);
    }
  });
  const text = addresses.texts();
  return rows
    .sort((a, b) => a.vni - b.vni || a.mac - b.mac || addresses.compare(a.vtepFamily, a.vtep, b.vtepFamily, b.vtep))
    .map(({ vni, mac, addresses: own, vtepFamily, vtep, frames }) => ({
      vni,
      mac: macText(mac),
      addresses: textsOf(own, addresses),
      vtep: text(vtepFamily, vtep),
      frames,
    }));
}

/** The address that a row's inner frames came from, its family above 32 bits. @returns -1 where there is none */
function addressOf(word: (word: Word) => number): number {
  const address = word(Word.InnerAddress);
  const family = word(Word.InnerMacHigh) >>> 16;
  return address === 0 && family === 0 ? -1 : family * 2 ** 32 + (address >>> 0);
}

/** Addresses in order, each once. */
function textsOf(own: readonly number[], addresses: Addresses): string[] {
  const familyOf = (address: number): number => Math.floor(address / 2 ** 32);
  const text = (address: number): string => addresses.text(familyOf(address), address | 0);
  if (own.length === 1) return [text(own[0] as number)];
  return [...new Set(own)].sort((a, b) => addresses.compare(familyOf(a), a | 0, familyOf(b), b | 0)).map(text);
}
