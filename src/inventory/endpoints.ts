/**
 * Endpoints: the hosts behind VTEPs, told by VNI, MAC and the VTEP that they send through.
 */
import { macText } from '../wire/address.js';
import type { Addresses } from './addresses.js';
import { RowOrder } from './row-order.js';
import { innerMac, STRIDE, type Traffic, Word } from './traffic.js';
import type { Ways } from './ways.js';

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

interface Made extends Endpoint {
  readonly addresses: string[];
  frames: number;
}

/** All endpoints, by VNI, MAC, VTEP, and their addresses in order, each once. **Cost** allocates. */
export function listEndpoints(traffic: Traffic, addresses: Addresses, ways: Ways): Endpoint[] {
  const endpoints: Made[] = [];
  const text = addresses.texts();
  const { words } = traffic;
  const { rows } = new RowOrder(traffic, addresses)
    .byInner()
    .byOuter(Word.Source)
    .by(Word.InnerMacLow)
    .by(Word.InnerMacHigh, 0xffff)
    .by(Word.VniAndFamily, 0xff_ffff);
  let endpoint: Made | null = null;
  let last = 0;
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] as number;
    const mac = innerMac(traffic, row);
    if (mac === 0) continue;
    const at = row * STRIDE;
    const isNew = endpoint === null || !isSame(words, at, last);
    if (endpoint === null || isNew) {
      const { vni, source } = ways.at(row);
      endpoint = { vni, mac: macText(mac), addresses: [], vtep: source, frames: 0 };
      endpoints.push(endpoint);
    }
    endpoint.frames += traffic.frames(row);
    if (hasAddress(words, at) && (isNew || !hasSameAddress(words, at, last))) {
      endpoint.addresses.push(text(familyOf(words, at), words[at + Word.InnerAddress] as number));
    }
    last = at;
  }
  return endpoints;
}

// Rows are told by where their words start.

/** Whether two rows are of one endpoint. */
function isSame(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a + Word.Source] === words[b + Word.Source] &&
    words[a + Word.InnerMacLow] === words[b + Word.InnerMacLow] &&
    (((words[a + Word.InnerMacHigh] as number) ^ (words[b + Word.InnerMacHigh] as number)) & 0xffff) === 0 &&
    words[a + Word.VniAndFamily] === words[b + Word.VniAndFamily]
  );
}

/** The family of the address that a row's inner frames came from. */
function familyOf(words: Int32Array, at: number): number {
  return (words[at + Word.InnerMacHigh] as number) >>> 16;
}

/** Whether a row's inner frames came from an address. */
function hasAddress(words: Int32Array, at: number): boolean {
  return words[at + Word.InnerAddress] !== 0 || familyOf(words, at) !== 0;
}

function hasSameAddress(words: Int32Array, a: number, b: number): boolean {
  return words[a + Word.InnerAddress] === words[b + Word.InnerAddress] && familyOf(words, a) === familyOf(words, b);
}
