/**
 * Protocols that `ignore` knows by name: those that a frame has a layer of, and those that a field tells. To add one of
 * the latter is to add a row.
 */
import { LAYER_NAMES } from '../wire/stack.js';
import type { MatchDocument } from './document.js';

/** Name → what its frames look like. */
export const NAMED_PROTOCOLS: ReadonlyMap<string, MatchDocument> = new Map(
  Object.entries({
    lldp: { 'eth.type': 'lldp' },
    stp: { 'eth.dst': '01:80:c2:00:00:00' },
    lacp: { 'eth.type': 0x8809 },
    igmp: { 'ip.proto': 'igmp' },
    mld: { 'icmpv6.type': ['130..132', 143] },
    dhcp: { 'udp.port': [67, 68] },
    mdns: { 'udp.port': 5353 },
  } satisfies Record<string, MatchDocument>),
);

/** Every name that `ignore` takes. */
export const PROTOCOL_NAMES: readonly string[] = [
  ...new Set([...LAYER_NAMES.filter((name) => name !== 'frame' && name !== 'raw'), ...NAMED_PROTOCOLS.keys()]),
];
