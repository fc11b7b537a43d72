/**
 * All rules, in the order in which findings of one severity are told: what is closest to a cause first.
 */

import type { Rule } from './finding.js';
import { arpFlux } from './rules/arp-flux.js';
import { arpUnanswered } from './rules/arp-unanswered.js';
import { bumMissingVtep } from './rules/bum-missing-vtep.js';
import { bumNotEncapsulated } from './rules/bum-not-encapsulated.js';
import { captureDrops } from './rules/capture-drops.js';
import { checksumOffload } from './rules/checksum-offload.js';
import { checksumWrong } from './rules/checksum-wrong.js';
import { clockOffset } from './rules/clock-offset.js';
import { duplicateAddress } from './rules/duplicate-address.js';
import { duplicates } from './rules/duplicates.js';
import { firstPacketWait } from './rules/first-packet-wait.js';
import { hairpinReflected } from './rules/hairpin-reflected.js';
import { iFlagClear } from './rules/i-flag-clear.js';
import { icmpFromVtepKernel } from './rules/icmp-from-vtep-kernel.js';
import { innerExceedsMtu } from './rules/inner-exceeds-mtu.js';
import { latencyOutlier } from './rules/latency-outlier.js';
import { loss } from './rules/loss.js';
import { macMoved } from './rules/mac-moved.js';
import { mirroredTap } from './rules/mirrored-tap.js';
import { mtuBlackHole } from './rules/mtu-black-hole.js';
import { neighbourUnresolved } from './rules/neighbour-unresolved.js';
import { nestedTunnels } from './rules/nested-tunnels.js';
import { notDecapsulated } from './rules/not-decapsulated.js';
import { oneWayTunnel } from './rules/one-way-tunnel.js';
import { outerFragmented } from './rules/outer-fragmented.js';
import { overlappingFragments } from './rules/overlapping-fragments.js';
import { portMismatch } from './rules/port-mismatch.js';
import { reordering } from './rules/reordering.js';
import { reservedBits } from './rules/reserved-bits.js';
import { singleSourcePort } from './rules/single-source-port.js';
import { snaplenTooShort } from './rules/snaplen-too-short.js';
import { staleMac } from './rules/stale-mac.js';
import { tapMissedFrames } from './rules/tap-missed-frames.js';
import { timeGoesBackwards } from './rules/time-goes-backwards.js';
import { truncatedCapture } from './rules/truncated-capture.js';
import { ttlAsymmetry } from './rules/ttl-asymmetry.js';
import { vniMismatch } from './rules/vni-mismatch.js';
import { vtepSourceMismatch } from './rules/vtep-source-mismatch.js';
import { vxlanOnUnlistedPort } from './rules/vxlan-on-unlisted-port.js';
import { zeroUdpChecksumIpv6 } from './rules/zero-udp-checksum-ipv6.js';

export const RULES: readonly Rule[] = [
  // What breaks the tunnel.
  portMismatch,
  vniMismatch,
  vtepSourceMismatch,
  notDecapsulated,
  icmpFromVtepKernel,

  // Sizes and fragments.
  mtuBlackHole,
  innerExceedsMtu,
  outerFragmented,
  overlappingFragments,

  // Addresses: who asks, who answers, who is where.
  neighbourUnresolved,
  arpUnanswered,
  arpFlux,
  duplicateAddress,
  macMoved,
  staleMac,

  // The flood.
  bumNotEncapsulated,
  bumMissingVtep,
  hairpinReflected,
  oneWayTunnel,

  // Loss and order.
  loss,
  duplicates,
  reordering,

  // Checksums.
  checksumWrong,
  zeroUdpChecksumIpv6,
  checksumOffload,

  // Time.
  firstPacketWait,
  latencyOutlier,
  clockOffset,

  // Headers.
  iFlagClear,
  vxlanOnUnlistedPort,
  nestedTunnels,
  singleSourcePort,
  reservedBits,
  ttlAsymmetry,

  // The captures themselves.
  captureDrops,
  tapMissedFrames,
  mirroredTap,
  truncatedCapture,
  snaplenTooShort,
  timeGoesBackwards,
];
