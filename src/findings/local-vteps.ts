/**
 * Which VTEPs a tap may be at, so whose frames all pass it: pairing shows it; else it is one that all tunnels of the tap
 * lead to or from.
 */
import type { Facts, TapFacts } from './facts.js';
import { onceAt } from './once.js';
import { sendersAt } from './seen-senders.js';

const NONE: ReadonlySet<string> = new Set();

/** Whether a VTEP may be at a tap: between two alone, either may. */
export function mayBeAt(facts: Facts, tap: TapFacts, vtep: string): boolean {
  const shown = facts.localVteps.get(tap.name) ?? NONE;
  return shown.size > 0 ? shown.has(vtep) : ends(facts, tap).includes(vtep);
}

/**
 * Whether a VTEP is at a tap, so that it sends nothing that the tap does not see. Pairing shows it where names say that
 * both taps are of one host; else it must be the one VTEP that all tunnels of the tap have in common: with a single peer,
 * the tap may be at the peer, and the nearest of those that were captured.
 */
export function isAt(facts: Facts, tap: TapFacts, vtep: string): boolean {
  const shown = facts.localVteps.get(tap.name) ?? NONE;
  const common = ends(facts, tap);
  if (shown.has(vtep) && hasOverlay(facts, tap)) {
    // Behind a VM that is behind two VTEPs there are two, and only one of them is an end of all that passes here: of a
    // single tunnel both may be.
    return shown.size === 1 || common.length === 0 || (common.length === 1 && common.includes(vtep));
  }
  return common.length === 1 && common.includes(vtep) && (shown.size === 0 || shown.has(vtep));
}

/** Whether an overlay tap of the same host belongs to an underlay tap. */
function hasOverlay({ taps, ownUnderlay }: Facts, { name, host }: TapFacts): boolean {
  return host !== null && taps.some((tap) => tap.host === host && ownUnderlay.get(tap.name) === name);
}

/**
 * The VTEPs that are an end of every tunnel of a tap: of one pair alone both, of several at most one. **Cost** looks
 * through the senders once: rules ask for every question and every sender.
 */
const ends = onceAt((facts, tap): readonly string[] => {
  let common: readonly string[] | null = null;
  for (const { row } of sendersAt(tap)) {
    const { source, destination, pair } = facts.ways.at(row);
    // What is sent to a group does not say who gets it.
    if (pair.isToGroup) continue;
    common = common === null ? [source, destination] : common.filter((vtep) => vtep === source || vtep === destination);
    if (common.length === 0) break;
  }
  return common ?? [];
});
