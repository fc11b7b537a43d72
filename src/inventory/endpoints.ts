/**
 * Endpoints: the hosts behind VTEPs, told by VNI, MAC and the VTEP that they send through.
 */
import { macText } from '../wire/address.js';
import { type Addresses, orderOf } from './addresses.js';
import { rowsInOrder } from './row-order.js';
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

interface Made extends Endpoint {
  readonly addresses: string[];
  frames: number;
}

/** All endpoints, by VNI, MAC, VTEP, and their addresses in order, each once. **Cost** allocates. */
export function listEndpoints(traffic: Traffic, addresses: Addresses): Endpoint[] {
  const endpoints: Made[] = [];
  const text = addresses.texts();
  let endpoint: Made | null = null;
  let last = 0;
  for (const row of inOrder(traffic, addresses)) {
    const mac = innerMac(traffic, row);
    if (mac === 0) continue;
    const isNew = endpoint === null || !isSame(traffic, row, last);
    if (endpoint === null || isNew) {
      const vniAndFamily = traffic.word(row, Word.VniAndFamily);
      endpoint = {
        vni: vniAndFamily & 0xff_ffff,
        mac: macText(mac),
        addresses: [],
        vtep: text(vniAndFamily >>> 24, traffic.word(row, Word.Source)),
        frames: 0,
      };
      endpoints.push(endpoint);
    }
    endpoint.frames += traffic.frames(row);
    if (hasAddress(traffic, row) && (isNew || !hasSameAddress(traffic, row, last))) {
      endpoint.addresses.push(text(familyOf(traffic, row), traffic.word(row, Word.InnerAddress)));
    }
    last = row;
  }
  return endpoints;
}

function inOrder(traffic: Traffic, addresses: Addresses): Int32Array {
  const { rows } = traffic;
  const ipv6 = addresses.ipv6Ranks();
  const inner = new Float64Array(rows);
  const vteps = new Float64Array(rows);
  const macsLow = new Float64Array(rows);
  const macsHigh = new Float64Array(rows);
  const vnis = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const vniAndFamily = traffic.word(row, Word.VniAndFamily);
    inner[row] = orderOf(familyOf(traffic, row), traffic.word(row, Word.InnerAddress), ipv6);
    vteps[row] = orderOf(vniAndFamily >>> 24, traffic.word(row, Word.Source), ipv6);
    macsLow[row] = traffic.word(row, Word.InnerMacLow) >>> 0;
    macsHigh[row] = traffic.word(row, Word.InnerMacHigh) & 0xffff;
    vnis[row] = vniAndFamily & 0xff_ffff;
  }
  return rowsInOrder(inner, vteps, macsLow, macsHigh, vnis);
}

/** Whether two rows are of one endpoint. */
function isSame(traffic: Traffic, a: number, b: number): boolean {
  return (
    traffic.word(a, Word.Source) === traffic.word(b, Word.Source) &&
    traffic.word(a, Word.InnerMacLow) === traffic.word(b, Word.InnerMacLow) &&
    ((traffic.word(a, Word.InnerMacHigh) ^ traffic.word(b, Word.InnerMacHigh)) & 0xffff) === 0 &&
    traffic.word(a, Word.VniAndFamily) === traffic.word(b, Word.VniAndFamily)
  );
}

/** The family of the address that a row's inner frames came from. */
function familyOf(traffic: Traffic, row: number): number {
  return traffic.word(row, Word.InnerMacHigh) >>> 16;
}

/** Whether a row's inner frames came from an address. */
function hasAddress(traffic: Traffic, row: number): boolean {
  return traffic.word(row, Word.InnerAddress) !== 0 || familyOf(traffic, row) !== 0;
}

function hasSameAddress(traffic: Traffic, a: number, b: number): boolean {
  return (
    traffic.word(a, Word.InnerAddress) === traffic.word(b, Word.InnerAddress) &&
    familyOf(traffic, a) === familyOf(traffic, b)
  );
}
