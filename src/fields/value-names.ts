/**
 * Names that values of a field go by: `arp.opcode` `request`. To add one is to add a row.
 */

type Names = readonly (readonly [string, number])[];

const IP_PROTOCOLS: Names = [
  ['icmp', 1],
  ['igmp', 2],
  ['tcp', 6],
  ['udp', 17],
  ['gre', 47],
  ['icmpv6', 58],
  ['ospf', 89],
];
const ETHER_TYPES: Names = [
  ['ipv4', 0x0800],
  ['arp', 0x0806],
  ['vlan', 0x8100],
  ['ipv6', 0x86dd],
  ['lldp', 0x88cc],
];
const ROWS: readonly (readonly [string, Names])[] = [
  [
    'arp.opcode',
    [
      ['request', 1],
      ['reply', 2],
    ],
  ],
  [
    'icmp.type',
    [
      ['echo-reply', 0],
      ['unreachable', 3],
      ['echo-request', 8],
      ['time-exceeded', 11],
    ],
  ],
  [
    'icmpv6.type',
    [
      ['unreachable', 1],
      ['too-big', 2],
      ['echo-request', 128],
      ['echo-reply', 129],
      ['router-solicitation', 133],
      ['router-advertisement', 134],
      ['neighbor-solicitation', 135],
      ['neighbor-advertisement', 136],
    ],
  ],
  ['ip.proto', IP_PROTOCOLS],
  ['ipv6.nxt', IP_PROTOCOLS],
  ['eth.type', ETHER_TYPES],
  ['vlan.etype', ETHER_TYPES],
];

/** By field, then by name, lower case. */
export const VALUE_NAMES: ReadonlyMap<string, ReadonlyMap<string, number>> = new Map(
  ROWS.map(([field, names]) => [field, new Map(names)]),
);
