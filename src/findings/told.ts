/**
 * What ICMP errors told, all taps together: an error that several taps saw is one.
 */
import type { FrameReference } from '../correlate/report/correlation.js';
import type { IcmpError } from '../evidence/icmp-errors.js';
import type { Ways } from '../inventory/ways.js';
import type { Facts, TapFacts } from './facts.js';
import { sendersAt } from './seen-senders.js';
import { framesOf } from './wording.js';

/** Errors that say the same. */
export interface Told extends Pick<IcmpError, 'reporter' | 'source' | 'destination' | 'port' | 'vni' | 'isInner'> {
  /** Names of the taps that saw it. */
  readonly taps: string[];
  /** How often, at the tap that saw it most. */
  count: number;
  mtu: number;
  longestLen: number;
  overhead: number;
  /** Whether VXLAN came back through the tunnel, to the same port, after the first frame that it is about. */
  answered: boolean;
  /** The errors, and the frames that they quote. */
  readonly evidence: FrameReference[];
}

/** All errors for one reason, in the order in which they were seen. */
export function told({ taps, ways }: Facts, reason: IcmpError['reason']): Told[] {
  const all = new Map<string, Told>();
  for (const tap of taps) {
    const { name, evidence } = tap;
    let lastFrames: ReadonlyMap<string, number> | null = null;
    for (const [key, error] of evidence.icmpErrors.errors) {
      if (error.reason !== reason) continue;
      const { reporter, source, destination, port, vni, isInner, mtu, longestLen, overhead } = error;
      const one = all.get(key) ?? {
        ...{ reporter, source, destination, port, vni, isInner, mtu, longestLen, overhead },
        ...{ taps: [], count: 0, answered: false, evidence: [] },
      };
      all.set(key, one);
      one.taps.push(name);
      one.count = Math.max(one.count, error.frames.count);
      one.mtu = Math.min(one.mtu || mtu, mtu || one.mtu);
      one.longestLen = Math.max(one.longestLen, longestLen);
      one.overhead = Math.max(one.overhead, overhead);
      if (reason === 'port-unreachable') {
        lastFrames ??= lastFramesAt(tap, ways);
        one.answered ||= (lastFrames.get(`${destination} ${source} ${port}`) ?? 0) > error.since;
      }
      one.evidence.push(...framesOf(name, inOrder(error)));
    }
  }
  return [...all.values()];
}

/**
 * The tunnel that a guest was told of: its packet was for a guest behind another VTEP of its network, and the error did
 * not come through the tunnel itself, so from somebody behind it, of a way beyond. Null where it is of no tunnel.
 *
 * @param all what was told for the same reason
 */
export function tunnelOfGuests(
  { source, destination }: Told,
  all: readonly Told[],
  facts: Facts,
): { vni: number; source: string; destination: string } | null {
  const cameThrough = (other: Told): boolean =>
    other.isInner && other.source === source && other.destination === destination;
  if (all.some(cameThrough)) return null;
  const to = facts.endpoints.filter(({ addresses }) => addresses.includes(destination));
  for (const { addresses, vni, vtep } of facts.endpoints) {
    if (!addresses.includes(source)) continue;
    const peer = to.find((other) => other.vni === vni && other.vtep !== vtep)?.vtep;
    if (peer !== undefined) return { vni, source: vtep, destination: peer };
  }
  return null;
}

/** By source, destination and port of VXLAN, the last frame that a tap saw. */
function lastFramesAt(tap: TapFacts, ways: Ways): Map<string, number> {
  const last = new Map<string, number>();
  for (const { row, lastFrame } of sendersAt(tap)) {
    const { source, destination } = ways.at(row);
    const key = `${source} ${destination} ${ways.port(row)}`;
    last.set(key, Math.max(last.get(key) ?? 0, lastFrame));
  }
  return last;
}

/** An error may quote a frame that another one has quoted. */
function inOrder({ frames, quoted }: IcmpError): number[] {
  return [...new Set([...frames.frames, ...quoted.frames])].sort((a, b) => a - b);
}
