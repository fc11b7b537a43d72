/**
 * Who sent what which way, as each tap saw it. Rules join it with `Facts.ways`, row by row.
 */
import type { SeenReceiver } from '../evidence/receivers.js';
import type { SeenSender } from '../evidence/senders.js';
import type { Facts, TapFacts } from './facts.js';
import { once } from './once.js';

/** The senders that a tap saw. **Cost** allocates once. */
export const sendersAt = once(({ evidence }: TapFacts): readonly SeenSender[] => evidence.senders.list());

/** The MACs that a tap saw frames for. **Cost** allocates once. */
export const receiversAt = once(({ evidence }: TapFacts): readonly SeenReceiver[] => evidence.senders.receivers());

/** The VTEPs that send, and those that are sent to, at any tap. **Cost** allocates once. */
export const vtepsOf = once(({ taps, ways }: Facts) => {
  const [senders, receivers] = [new Set<string>(), new Set<string>()];
  for (const tap of taps) {
    for (const { row } of sendersAt(tap)) {
      senders.add(ways.at(row).source);
      receivers.add(ways.at(row).destination);
    }
  }
  return { senders, receivers } as const;
});
