/**
 * Rows of a correlation by their VNI: rules ask VNI by VNI, and a capture may have thousands of them.
 */
import type { Facts } from './facts.js';
import { once } from './once.js';

/** The hops of a VNI. **Cost** goes through all hops once. */
export const hopsOf = byVni(({ hops }) => hops);

/** The rows of a VNI, a pair of taps each. **Cost** goes through all rows once. */
export const pairingsOf = byVni(({ pairings }) => pairings);

function byVni<Row extends { readonly vni: number }>(
  rowsOf: (facts: Facts) => readonly Row[],
): (facts: Facts, vni: number) => readonly Row[] {
  const all = once((facts: Facts) => {
    const rows = new Map<number, Row[]>();
    for (const row of rowsOf(facts)) {
      const those = rows.get(row.vni);
      if (those === undefined) rows.set(row.vni, [row]);
      else those.push(row);
    }
    return rows;
  });
  return (facts, vni) => all(facts).get(vni) ?? [];
}
