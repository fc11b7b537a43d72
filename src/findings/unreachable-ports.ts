/**
 * Tunnels whose port a VTEP says is unreachable, and whether the VTEP takes their frames all the same.
 */
import type { FrameReference } from '../correlate/report/correlation.js';
import { isDecapsulated } from './decapsulated.js';
import type { Facts } from './facts.js';
import { told } from './told.js';

/** A VTEP that answers another one's VXLAN with "port unreachable". */
export interface UnreachablePort {
  readonly reporter: string;
  readonly source: string;
  readonly destination: string;
  readonly port: number;
  /** The VNIs that it quotes. */
  readonly vnis: number[];
  readonly taps: string[];
  /** Errors, at the tap that saw the most. */
  count: number;
  /** Whether frames of the tunnel were decapsulated, or VXLAN came back through it after the first one. */
  works: boolean;
  readonly evidence: FrameReference[];
}

/** All of them, in the order in which they were seen. */
export function unreachablePorts(facts: Facts): UnreachablePort[] {
  const ports = new Map<string, UnreachablePort>();
  for (const { reporter, source, destination, port, vni, taps, count, answered, evidence } of told(
    facts,
    'port-unreachable',
  )) {
    const key = [reporter, source, destination, port].join(' ');
    const one = ports.get(key) ?? {
      reporter,
      source,
      destination,
      port,
      vnis: [],
      taps: [],
      count: 0,
      works: false,
      evidence: [],
    };
    ports.set(key, one);
    if (vni >= 0) one.vnis.push(vni);
    for (const tap of taps) if (!one.taps.includes(tap)) one.taps.push(tap);
    one.count += count;
    one.works ||= answered || isDecapsulated(facts, { vni: null, source, destination });
    one.evidence.push(...evidence);
  }
  return [...ports.values()];
}
