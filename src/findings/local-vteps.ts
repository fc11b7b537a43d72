/**
 * Which VTEPs a tap may be at, so whose frames all pass it: pairing shows it; else it is one that all tunnels of the tap
 * lead to or from.
 */
import { isMulticast } from './addresses.js';
import type { Facts, TapFacts } from './facts.js';
import { sendersAt } from './seen-senders.js';

const NONE: ReadonlySet<string> = new Set();

/** Whether a VTEP may be at a tap: between two alone, either may. */
export function mayBeAt(facts: Facts, tap: TapFacts, vtep: string): boolean {
  const shown = facts.localVteps.get(tap.name) ?? NONE;
  return shown.size > 0 ? shown.has(vtep) : ends(facts, tap).includes(vtep);
}

/** The VTEPs that are an end of every tunnel of a tap. */
function ends(facts: Facts, tap: TapFacts): string[] {
  let common: string[] | null = null;
  for (const { source, destination } of sendersAt(facts, tap)) {
    // What is sent to a group does not say who gets it.
    if (isMulticast(destination)) continue;
    const pair = [source, destination];
    common = (common ?? pair).filter((vtep) => pair.includes(vtep));
  }
  return common ?? [];
}
