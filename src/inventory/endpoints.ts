/**
 * Endpoints: the hosts behind VTEPs, told by VNI, MAC and the VTEP that they send through.
 */
import { macText } from '../wire/address.js';
import type { Addresses } from './addresses.js';
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
  /** Its addresses, by family and integer. */
  readonly addresses: Map<string, { readonly family: number; readonly address: number }>;
  frames: number;
}

/** All endpoints, by VNI, MAC, VTEP. **Cost** allocates. */
export function listEndpoints(traffic: Traffic, addresses: Addresses): Endpoint[] {
  const rows = new Map<string, Row>();
  traffic.forEach((word, frames) => {
    const mac = innerMac(word);
    if (mac === 0) return;
    const vni = word(Word.VniAndFamily) & 0xff_ffff;
    const vtepFamily = word(Word.VniAndFamily) >>> 24;
    const vtep = word(Word.Source);
    const key = [vni, mac, vtepFamily, vtep].join();
    const row = rows.get(key) ?? { vni, mac, vtepFamily, vtep, addresses: new Map(), frames: 0 };
    row.frames += frames;
    const address = word(Word.InnerAddress);
    const family = word(Word.InnerMacHigh) >>> 16;
    if (address !== 0 || family !== 0) row.addresses.set(`${family},${address}`, { family, address });
    rows.set(key, row);
  });
  return [...rows.values()]
    .sort((a, b) => a.vni - b.vni || a.mac - b.mac || addresses.compare(a.vtepFamily, a.vtep, b.vtepFamily, b.vtep))
    .map(({ vni, mac, vtepFamily, vtep, addresses: own, frames }) => ({
      vni,
      mac: macText(mac),
      addresses: [...own.values()]
        .sort((a, b) => addresses.compare(a.family, a.address, b.family, b.address))
        .map(({ family, address }) => addresses.text(family, address)),
      vtep: addresses.text(vtepFamily, vtep),
      frames,
    }));
}
