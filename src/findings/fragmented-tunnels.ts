/**
 * Tunnels whose packets came in fragments, all taps together: what several findings judge by.
 */
import type { FrameReference } from '../correlate/report/correlation.js';
import type { Facts } from './facts.js';
import { framesOf } from './wording.js';

/** One of them. Lengths are of IP packets, in bytes. */
export interface FragmentedTunnel {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  /** Names of the taps that saw it. */
  readonly taps: string[];
  /** Packets in fragments at the tap that saw the most. */
  packets: number;
  /** Of those, the ones that lack a fragment there. */
  lacking: number;
  longestLen: number;
  longestFragmentLen: number;
  /** What the tunnel adds to an inner packet; 0 where no inner IP packet was seen. */
  overhead: number;
  readonly evidence: FrameReference[];
}

/** All of them, in the order in which they were seen. */
export function fragmentedTunnels({ taps, ways }: Facts): FragmentedTunnel[] {
  const tunnels = new Map<string, FragmentedTunnel>();
  for (const { name, evidence } of taps) {
    const here = new Map<FragmentedTunnel, { packets: number; whole: number }>();
    for (const [row, sender] of evidence.fragments.outer) {
      const { vni, source, destination } = ways.at(row);
      const key = `${vni} ${source} ${destination}`;
      const tunnel = tunnels.get(key) ?? {
        vni,
        source,
        destination,
        taps: [],
        packets: 0,
        lacking: 0,
        longestLen: 0,
        longestFragmentLen: 0,
        overhead: 0,
        evidence: [],
      };
      tunnels.set(key, tunnel);
      const { packets, whole } = here.get(tunnel) ?? { packets: 0, whole: 0 };
      here.set(tunnel, { packets: packets + sender.packets, whole: whole + sender.whole });
      tunnel.longestLen = Math.max(tunnel.longestLen, sender.longestLen);
      tunnel.longestFragmentLen = Math.max(tunnel.longestFragmentLen, sender.longestFragmentLen);
      tunnel.overhead = Math.max(tunnel.overhead, sender.overhead);
      tunnel.evidence.push(...framesOf(name, sender.frames.frames));
    }
    for (const [tunnel, { packets, whole }] of here) {
      tunnel.taps.push(name);
      if (packets <= tunnel.packets) continue;
      tunnel.packets = packets;
      tunnel.lacking = packets - whole;
    }
  }
  return [...tunnels.values()];
}
