/**
 * Who sent what through which tunnel, as each tap saw it: evidence joined with the inventory's rows.
 */
import type { SeenSender } from '../evidence/senders.js';
import type { TrafficRow } from '../inventory/traffic.js';
import type { Facts, TapFacts } from './facts.js';

/** A sender in a tunnel, at one tap. */
export interface Sender extends SeenSender, TrafficRow {}

const senders = new WeakMap<TapFacts, readonly Sender[]>();

/** The senders that a tap saw. **Cost** allocates once. */
export function sendersAt(facts: Facts, tap: TapFacts): readonly Sender[] {
  const known = senders.get(tap);
  if (known !== undefined) return known;
  const found = tap.evidence.senders.list().map((sender) => ({ ...facts.traffic(sender.row), ...sender }));
  senders.set(tap, found);
  return found;
}
