/**
 * `first-packet-wait`: the first packet to a VTEP waited for its address to be resolved on the underlay, by ARP or
 * neighbour discovery; or it was dropped for want of it.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { droppedFirst } from '../lost-frames.js';
import { agree, duration, MAX_EVIDENCE, plural } from '../wording.js';

/** A wait that people notice, ns. */
const LONG_NS = 100e6;

export const firstPacketWait: Rule = {
  id: 'first-packet-wait',
  title: "The first packet waited for a VTEP's address",
  judge(facts: Facts): Claim[] {
    const keyOf = (overlay: string, vni: number, destination: string): string => `${vni} ${destination} ${overlay}`;
    // Of several waits for one VTEP the first one says what was dropped.
    const dropped = new Map(
      droppedFirst(facts)
        .reverse()
        .map(({ overlay, vni, destination, frames }) => [keyOf(overlay, vni, destination), frames]),
    );
    return facts.pairings
      .filter(({ overlay, underlay }) => facts.ownUnderlay.get(overlay) === underlay)
      .flatMap(({ overlay, underlay, vni, firstPackets }) =>
        firstPackets.map(({ overlayFrame, underlayFrame, destination, waitNs }): Claim => {
          const before = dropped.get(keyOf(overlay, vni, destination)) ?? [];
          const lost =
            before.length === 0
              ? ''
              : ` ${plural(before.length, 'frame')} before it ${agree(before.length, 'was', 'were')} never encapsulated, likely dropped meanwhile.`;
          return {
            severity: waitNs > LONG_NS || before.length > 0 ? 'warning' : 'info',
            message: `Frame ${overlayFrame} of ${overlay}, the first to ${destination} in VNI ${vni}, waited ${duration(waitNs)} while the underlay was asked for that address.${lost}`,
            evidence: [...before, { tap: overlay, frame: overlayFrame }, { tap: underlay, frame: underlayFrame }].slice(
              0,
              MAX_EVIDENCE,
            ),
            fix: 'Where the first packet matters, keep the address known: a permanent neighbour entry (ip neigh add … nud permanent), or traffic that keeps it fresh. A long wait means that the first question was lost, or answered late.',
            about: { vni, vteps: [destination] },
          };
        }),
      );
  },
};
