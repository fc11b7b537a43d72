/**
 * All rules, in the order in which findings of one severity are told: what is closest to a cause first.
 */

import { arpFlux } from './arp-flux.js';
import { arpUnanswered } from './arp-unanswered.js';
import { bumMissingVtep } from './bum-missing-vtep.js';
import { bumNotEncapsulated } from './bum-not-encapsulated.js';
import { captureDrops } from './capture-drops.js';
import { checksumOffload } from './checksum-offload.js';
import { checksumWrong } from './checksum-wrong.js';
import { clockOffset } from './clock-offset.js';
import { duplicateAddress } from './duplicate-address.js';
import { duplicates } from './duplicates.js';
import type { Rule } from './finding.js';
import { firstPacketWait } from './first-packet-wait.js';
import { hairpinReflected } from './hairpin-reflected.js';
import { iFlagClear } from './i-flag-clear.js';
import { icmpFromVtepKernel } from './icmp-from-vtep-kernel.js';
import { innerExceedsMtu } from './inner-exceeds-mtu.js';
import { latencyOutlier } from './latency-outlier.js';
import { loss } from './loss.js';
import { macMoved } from './mac-moved.js';
import { mirroredTap } from './mirrored-tap.js';
import { mtuBlackHole } from './mtu-black-hole.js';
import { neighbourUnresolved } from './neighbour-unresolved.js';
import { nestedTunnels } from './nested-tunnels.js';
import { notDecapsulated } from './not-decapsulated.js';
import { oneWayTunnel } from './one-way-tunnel.js';
import { outerFragmented } from './outer-fragmented.js';
import { overlappingFragments } from './overlapping-fragments.js';
import { portMismatch } from './port-mismatch.js';
import { reordering } from './reordering.js';
import { reservedBits } from './reserved-bits.js';
import { singleSourcePort } from './single-source-port.js';
import { snaplenTooShort } from './snaplen-too-short.js';
import { staleMac } from './stale-mac.js';
import { tapMissedFrames } from './tap-missed-frames.js';
import { timeGoesBackwards } from './time-goes-backwards.js';
import { truncatedCapture } from './truncated-capture.js';
import { ttlAsymmetry } from './ttl-asymmetry.js';
import { vniMismatch } from './vni-mismatch.js';
import { vtepSourceMismatch } from './vtep-source-mismatch.js';
import { vxlanOnUnlistedPort } from './vxlan-on-unlisted-port.js';
import { zeroUdpChecksumIpv6 } from './zero-udp-checksum-ipv6.js';

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
