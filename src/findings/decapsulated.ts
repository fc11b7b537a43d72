/**
 * Whether a VTEP takes what it is sent, as an overlay tap behind it shows.
 */
import type { Facts } from './facts.js';

/** What went from one VTEP to another: in one VNI, or, where that is null, in any. */
interface Sent {
  readonly vni: number | null;
  readonly source: string;
  readonly destination: string;
}

/** Whether frames of it came to an overlay tap. */
export function isDecapsulated({ hops, taps }: Facts, { vni, source, destination }: Sent): boolean {
  return hops.some(
    (hop) =>
      hop.source === source &&
      hop.destination === destination &&
      (vni === null || hop.vni === vni) &&
      hop.passed > 0 &&
      taps.some(({ name, role }) => name === hop.to && role === 'overlay'),
  );
}
