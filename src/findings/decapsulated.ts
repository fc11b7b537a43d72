/**
 * Whether a VTEP takes what it is sent, as an overlay tap behind it shows.
 */
import type { HopRow } from '../correlate/report/correlation.js';
import { hopsOf } from './by-vni.js';
import type { Facts } from './facts.js';

/** What went from one VTEP to another: in one VNI, or, where that is null, in any. */
interface Sent {
  readonly vni: number | null;
  readonly source: string;
  readonly destination: string;
}

/** Whether frames of it came to an overlay tap behind the tunnel: from one beside the sender they went on, to an underlay tap. */
export function isDecapsulated(facts: Facts, { vni, source, destination }: Sent): boolean {
  const { taps } = facts;
  const passed = (vni === null ? facts.hops : hopsOf(facts, vni)).filter(
    (hop) => hop.source === source && hop.destination === destination && hop.passed > 0,
  );
  return passed.some((hop) => isOverlayTap(taps, hop.to) && !wentOn(taps, passed, hop, new Set()));
}

/** Whether frames went from where a hop leads to an underlay tap, perhaps past other overlay taps. @param known places that were looked at */
function wentOn(taps: Facts['taps'], passed: readonly HopRow[], hop: HopRow, known: Set<string>): boolean {
  known.add(hop.to);
  return passed.some(
    (next) =>
      next.from === hop.to &&
      next.vni === hop.vni &&
      !known.has(next.to) &&
      (!isOverlayTap(taps, next.to) || wentOn(taps, passed, next, known)),
  );
}

function isOverlayTap(taps: Facts['taps'], place: string): boolean {
  return taps.some(({ name, role }) => name === place && role === 'overlay');
}
