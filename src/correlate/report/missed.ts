/**
 * Which unpaired frames were missed: those that should have crossed. It is decided at the end, with all endpoints known.
 */

import { isGroupMac } from '../../wire/address.js';
import type { Correlator } from '../correlator.js';
import type { TapPair } from '../taps/tap-pair.js';
import type { LostBum } from './bum.js';
import { type Homes, isKeptByBridges, tunnelsSeen } from './homes.js';

/** What a report is told of the taps, by their numbers. */
export interface TapKnowledge {
  /** Whether a tap saw a bare frame from a MAC. */
  sent(tap: number, mac: number): boolean;
  /** Whether two taps' times overlap, clocks corrected: else neither proves that the other missed anything. */
  sameRun(overlay: number, underlay: number): boolean;
}

/** What was missed between two taps, in one VNI. */
export interface Missed {
  readonly overlay: number[];
  overlayCount: number;
  readonly underlay: number[];
  underlayCount: number;
  /** Of all these, those at whose time the other tap is not shown to capture, and as many as it kept too little of to tell which they are. */
  unproven: number;
}

/**
 * What was missed between two taps, by VNI: of every VNI that they have in common.
 *
 * @param lost takes those to groups
 */
export function missedBetween(
  pair: TapPair,
  correlator: Correlator,
  homes: Homes,
  known: TapKnowledge,
  lost: LostBum[],
): Map<number, Missed> {
  const { tunnels } = correlator;
  const { overlay, underlay, side } = pair;
  const seen = tunnelsSeen(tunnels, (tunnel) => correlator.saw(underlay, tunnel));
  const byVni = new Map<number, Missed>();
  const missed = (vni: number): Missed => {
    const own = byVni.get(vni) ?? { overlay: [], overlayCount: 0, underlay: [], underlayCount: 0, unproven: 0 };
    byVni.set(vni, own);
    return own;
  };
  for (const vni of pair.rows.keys()) missed(vni);
  for (const vnis of seen.values()) for (const vni of vnis) if (side.ownsVni(vni)) missed(vni);
  if (!known.sameRun(overlay, underlay)) return byVni;
  pair.unpairedUnderlay.forEach((destination, source, tunnel, count, unproven, frames) => {
    const own = missed(tunnels.vni(tunnel));
    if (!side.involves(tunnel)) return;
    // What the bridge, or another guest, sent or got never was at this tap.
    const hidden =
      source !== 0 &&
      correlator.overlayFrames(overlay) > 0 &&
      !(side.sends(tunnel) || side.vteps.size === 0 ? known.sent(overlay, source) : isGroupMac(destination)) &&
      (side.sends(tunnel) || !known.sent(overlay, destination));
    if (hidden) return;
    own.underlayCount += count;
    own.unproven += unproven;
    own.underlay.push(...frames);
  });
  const find = (source: number, destination: number): number | undefined =>
    homes
      .vnis(source, destination)
      .find((vni) => byVni.has(vni) && homes.crosses(vni, source, destination, side, seen));
  // Of frames to groups it is the same for all of a sender's, who may be in many VNIs and send to many groups.
  const ofGroups = new Map<number, number | undefined>();
  const crossed = (source: number, destination: number): number | undefined => {
    if (!isGroupMac(destination)) return find(source, destination);
    if (!ofGroups.has(source)) ofGroups.set(source, find(source, destination));
    return ofGroups.get(source);
  };
  pair.unpairedOverlay.forEach((destination, source, _tunnel, count, unproven, frames) => {
    const vni = isKeptByBridges(destination) ? undefined : crossed(source, destination);
    if (vni === undefined) return;
    const own = missed(vni);
    const later = frames.filter((frame) => frame > side.knownFrom(vni));
    own.overlayCount += count - (frames.length - later.length);
    own.unproven += Math.min(unproven, count - (frames.length - later.length));
    own.overlay.push(...later);
    if (isGroupMac(destination)) for (const frame of later) lost.push({ pair, vni, frame, sender: source });
  });
  for (const own of byVni.values()) {
    own.unproven = Math.min(
      own.overlayCount + own.underlayCount,
      own.unproven +
        Math.min(own.overlayCount, correlator.unread(underlay)) +
        Math.min(own.underlayCount, correlator.unread(overlay)),
    );
  }
  return byVni;
}
