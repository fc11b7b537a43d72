/**
 * `latency-outlier`: on one hop of a tunnel the slowest frame took far longer than the others do.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { duration, plural } from '../wording.js';

/** Frames from which on a spread means something. */
const LEAST_FRAMES = 20;
/** How much further from the middle than 95 of 100 frames, and at least how far, ns. */
const TIMES_SPREAD = 20;
const LEAST_NS = 10e6;

export const latencyOutlier: Rule = {
  id: 'latency-outlier',
  title: 'A frame took far longer than the others',
  judge: ({ hops, pairings }: Facts): Claim[] => {
    const waits = new Set(pairings.flatMap(({ firstPackets }) => firstPackets.map(({ waitNs }) => waitNs)));
    return hops.flatMap(({ vni, source, destination, from, to, latencyNs }) => {
      if (latencyNs === null || latencyNs.count < LEAST_FRAMES) return [];
      const { p50, p95, max, count } = latencyNs;
      const beyond = max - p50;
      // A first packet that waited for an address is a finding of its own.
      if (waits.has(max)) return [];
      if (beyond < LEAST_NS || beyond <= (p95 - p50) * TIMES_SPREAD) return [];
      return [
        {
          severity: 'info',
          message: `Of ${plural(count, 'frame')} of VNI ${vni} from ${source} to ${destination} the slowest took ${duration(max)} between ${from} and ${to}; half took ${duration(p50)} or less, 95 of 100 ${duration(p95)} or less.`,
          evidence: [],
          fix: `List the ways of frames (--format ndjson, the latencies of vxdump.pair/1 and vxdump.path/1) to find it, and look at what ${from} and ${to} did then: a queue that filled up, an upcall to user space, a busy core.`,
          about: { vni, vteps: [source, destination] },
        },
      ];
    });
  },
};
