/**
 * Drift: how fast one clock runs away from another. Of frames that both saw, those one way come so much later, and those
 * back so much earlier; what a clock runs away by is the same in both.
 */

/** Standard errors that a slope must differ from 0 by. */
export const SIGNIFICANT = 6;
/** Real clocks are off by less than this: 500 parts per million. More is something else. */
export const MOST_DRIFT = 500e-6;
/** The least that there has to be besides what a slope and the means take: fewer fit any line. */
const LEAST_FREEDOM = 3;

/** When one clock saw a frame, ns, and how much later another one did. */
export interface Difference {
  readonly timeNs: number;
  readonly ns: number;
}

/**
 * Takes out of differences what the clocks drift by, as far as the times show it beyond doubt: what is left is as it was
 * at the mean time, and those of different times compare.
 *
 * @param byTunnel of one pair of clocks, in ns; one level and the same slope each
 *
 * **Cost** allocates; a sum over all.
 */
export function withoutDrift(byTunnel: ReadonlyMap<number, readonly Difference[]>): Map<number, number[]> {
  const groups = [...byTunnel.values()];
  const drift = driftOf(groups);
  const meanNs = mean(groups.flat(), ({ timeNs }) => timeNs);
  return new Map(
    [...byTunnel].map(([tunnel, differences]) => [
      tunnel,
      differences.map(({ timeNs, ns }) => ns - drift * (timeNs - meanNs)),
    ]),
  );
}

/** The slope that groups of differences have in common, by least squares; 0 where it may be chance, or is no clock's. */
function driftOf(groups: readonly (readonly Difference[])[]): number {
  let freedom = -1;
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (const group of groups) {
    const meanTime = mean(group, ({ timeNs }) => timeNs);
    const meanNs = mean(group, ({ ns }) => ns);
    freedom += group.length - 1;
    for (const { timeNs, ns } of group) {
      xx += (timeNs - meanTime) ** 2;
      xy += (timeNs - meanTime) * (ns - meanNs);
      yy += (ns - meanNs) ** 2;
    }
  }
  if (freedom < LEAST_FREEDOM || xx === 0) return 0;
  const slope = xy / xx;
  const error = Math.sqrt(Math.max(0, yy - slope * xy) / freedom / xx);
  return Math.abs(slope) <= MOST_DRIFT && Math.abs(slope) > SIGNIFICANT * error ? slope : 0;
}

function mean(differences: readonly Difference[], of: (difference: Difference) => number): number {
  return differences.reduce((sum, difference) => sum + of(difference), 0) / differences.length;
}
