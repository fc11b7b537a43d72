/**
 * Tunnels whose UDP checksums at a tap are of one remarkable kind, and whether anybody answers their frames.
 */
import type { ChecksumVerdict } from '../dissect/checksum-verdict.js';
import { Position } from '../evidence/checksums.js';
import { LayerKind } from '../wire/stack.js';
import type { Facts, TapFacts } from './facts.js';

/** A tunnel at a tap. */
export interface ChecksumTunnel {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  /** Frames whose outer UDP checksum is of the kind asked for. */
  count: number;
  /** The first ones, of each inner sender. */
  readonly frames: number[];
  /** Where the first one was sent to on the link; 0 where that is not known. */
  readonly destinationMac: number;
}

/** Those of a tap, in the order in which they were seen. */
export function checksumTunnels(facts: Facts, tap: TapFacts, wanted: ChecksumVerdict): ChecksumTunnel[] {
  const tunnels = new Map<string, ChecksumTunnel>();
  for (const { position, kind, verdict, row, frames, destinationMac } of tap.evidence.checksums.groups()) {
    if (position !== Position.Outer || kind !== LayerKind.Udp || verdict !== wanted || row < 0) continue;
    const { vni, source, destination } = facts.ways.at(row);
    const key = `${vni} ${source} ${destination}`;
    const tunnel = tunnels.get(key) ?? { vni, source, destination, count: 0, frames: [], destinationMac };
    tunnels.set(key, tunnel);
    tunnel.count += frames.count;
    tunnel.frames.push(...frames.frames);
  }
  for (const { frames } of tunnels.values()) frames.sort((a, b) => a - b);
  return [...tunnels.values()];
}

/** Whether anything came back through a tunnel, at any tap. */
export function isAnswered(facts: Facts, { vni, source, destination }: ChecksumTunnel): boolean {
  return facts.tunnels.some(
    (other) => other.vni === vni && other.source === destination && other.destination === source,
  );
}
