/**
 * Whether a VTEP takes what it is sent, as an overlay tap behind it shows.
 */
import { hopsOf } from './by-vni.js';
import type { Facts } from './facts.js';

/** What went from one VTEP to another: in one VNI, or, where that is null, in any. */
interface Sent {
  readonly vni: number | null;
  readonly source: string;
  readonly destination: string;
}

/** Whether frames of it came to an overlay tap behind the tunnel: from one beside the sender they went on. */
export function isDecapsulated(facts: Facts, { vni, source, destination }: Sent): boolean {
  const { taps } = facts;
  const passed = (vni === null ? facts.hops : hopsOf(facts, vni)).filter(
    (hop) => hop.source === source && hop.destination === destination && hop.passed > 0,
  );
  return passed.some(
    ({ to, vni: its }) =>
      isOverlayTap(taps, to) &&
      !passed.some((next) => next.from === to && next.vni === its && !isOverlayTap(taps, next.to)),
  );
}

function isOverlayTap(taps: Facts['taps'], place: string): boolean {
  return taps.some(({ name, role }) => name === place && role === 'overlay');
}
