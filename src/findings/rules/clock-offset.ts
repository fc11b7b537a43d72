/**
 * `clock-offset`: the clocks of two hosts disagree, as both directions between them show; times were corrected by it.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { duration } from '../wording.js';

/** What clocks of one machine, or of well kept ones, differ by, ns and parts per billion. */
const LEAST_NS = 1e6;
const LEAST_PPB = 1000;

export const clockOffset: Rule = {
  id: 'clock-offset',
  title: "A tap's clock is off",
  judge: (facts: Facts): Claim[] =>
    facts.taps
      .filter(
        ({ clockOffsetNs, clockDriftPpb }) =>
          Math.abs(clockOffsetNs) >= LEAST_NS || Math.abs(clockDriftPpb) >= LEAST_PPB,
      )
      .map(({ name, clockOffsetNs, clockDriftPpb }) => {
        const first = facts.taps[0]?.name ?? '';
        const by = `${duration(Math.abs(clockOffsetNs))} ${clockOffsetNs < 0 ? 'behind' : 'ahead of'}`;
        const drift =
          Math.abs(clockDriftPpb) < LEAST_PPB
            ? ''
            : `, and ${clockDriftPpb < 0 ? 'loses' : 'gains'} ${(Math.abs(clockDriftPpb) / 1000).toFixed(1)} µs a second`;
        const half = halfRoundTrip(facts, name);
        return {
          severity: 'info',
          message: `The clock of ${name} is ${by} that of ${first}${half === null ? '' : ` (± ${duration(half)})`}${drift}; latencies are corrected by that.`,
          evidence: [],
          fix: 'Keep the clocks of the hosts together (chrony, PTP). Between hosts a latency is no better than this; that of a round trip is.',
          about: { vni: null, vteps: [] },
        };
      }),
};

/** Half of the least way to and fro between a tap and any other: what an offset may be wrong by. Null where no row has both. */
function halfRoundTrip({ pairings }: Facts, tap: string): number | null {
  const trips = pairings
    .filter(({ overlay, underlay }) => overlay === tap || underlay === tap)
    .flatMap(({ latencyNs: { encap, decap } }) =>
      encap === null || decap === null ? [] : [(encap.min + decap.min) / 2],
    )
    .filter((half) => half > 0);
  return trips.length === 0 ? null : Math.min(...trips);
}
