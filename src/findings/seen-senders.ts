/**
 * Who sent what through which tunnel, as each tap saw it: evidence joined with the inventory's rows.
 */
import type { SeenReceiver, SeenSender } from '../evidence/senders.js';
import type { TrafficRow } from '../inventory/traffic.js';
import type { Facts, TapFacts } from './facts.js';

/** A sender in a tunnel, at one tap. */
export interface Sender extends SeenSender, TrafficRow {}

/** A MAC that a sender sent to, at one tap. */
export interface Receiver extends SeenReceiver, TrafficRow {}

const senders = new WeakMap<TapFacts, readonly Sender[]>();
const vteps = new WeakMap<Facts, ReturnType<typeof vtepsOf>>();
const receivers = new WeakMap<TapFacts, readonly Receiver[]>();

/** The senders that a tap saw. **Cost** allocates once. */
export function sendersAt(facts: Facts, tap: TapFacts): readonly Sender[] {
  const known = senders.get(tap);
  if (known !== undefined) return known;
  const found = tap.evidence.senders.list().map((sender) => ({ ...facts.traffic(sender.row), ...sender }));
  senders.set(tap, found);
  return found;
}

/** The MACs that a tap saw frames for. **Cost** allocates once. */
export function receiversAt(facts: Facts, tap: TapFacts): readonly Receiver[] {
  const known = receivers.get(tap);
  if (known !== undefined) return known;
  const found = tap.evidence.senders.receivers().map((receiver) => ({ ...facts.traffic(receiver.row), ...receiver }));
  receivers.set(tap, found);
  return found;
}

/** The VTEPs that send, and those that are sent to, at any tap. **Cost** allocates once. */
export function vtepsOf(facts: Facts): {
  readonly senders: ReadonlySet<string>;
  readonly receivers: ReadonlySet<string>;
} {
  const known = vteps.get(facts);
  if (known !== undefined) return known;
  const all = facts.taps.flatMap((tap) => sendersAt(facts, tap));
  const found = {
    senders: new Set(all.map(({ source }) => source)),
    receivers: new Set(all.map(({ destination }) => destination)),
  };
  vteps.set(facts, found);
  return found;
}
