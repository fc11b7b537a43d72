/**
 * Endpoints: the hosts behind VTEPs, told by VNI, MAC and the VTEP that they send through.
 */
import { macText } from '../wire/address.js';
import { type Addresses, orderOf } from './addresses.js';
import { rowsInOrder } from './row-order.js';
import { innerMac, STRIDE, type Traffic, Word } from './traffic.js';

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
export function listEndpoints(traffic: Traffic, addresses: Addresses): Endpoint[] {
  const endpoints: Made[] = [];
  const text = addresses.texts();
  const { words } = traffic;
  const order = inOrder(traffic, addresses);
  let endpoint: Made | null = null;
  let last = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place] as number;
    const mac = innerMac(traffic, row);
    if (mac === 0) continue;
    const at = row * STRIDE;
    const isNew = endpoint === null || !isSame(words, at, last);
    if (endpoint === null || isNew) {
      const vniAndFamily = words[at + Word.VniAndFamily] as number;
      endpoint = {
        vni: vniAndFamily & 0xff_ffff,
        mac: macText(mac),
        addresses: [],
        vtep: text(vniAndFamily >>> 24, words[at + Word.Source] as number),
        frames: 0,
      };
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

function inOrder(traffic: Traffic, addresses: Addresses): Int32Array {
  const { rows, words } = traffic;
  const ipv6 = addresses.ipv6Ranks();
  const inner = new Float64Array(rows);
  const vteps = new Float64Array(rows);
  const macsLow = new Float64Array(rows);
  const macsHigh = new Float64Array(rows);
  const vnis = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * STRIDE;
    const vniAndFamily = words[at + Word.VniAndFamily] as number;
    inner[row] = orderOf(familyOf(words, at), words[at + Word.InnerAddress] as number, ipv6);
    vteps[row] = orderOf(vniAndFamily >>> 24, words[at + Word.Source] as number, ipv6);
    macsLow[row] = (words[at + Word.InnerMacLow] as number) >>> 0;
    macsHigh[row] = (words[at + Word.InnerMacHigh] as number) & 0xffff;
    vnis[row] = vniAndFamily & 0xff_ffff;
  }
  return rowsInOrder(inner, vteps, macsLow, macsHigh, vnis);
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
