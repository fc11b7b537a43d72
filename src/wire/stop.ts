/**
 * Why a dissection noted something or ended: the first such note of a frame, save that a frame cut by its snaplen is
 * always `truncated`. A datagram quoted by an ICMP error ends where its quoter chose to: nothing within it is noted.
 *
 * Three things are never mixed: the frame is shorter than its headers say (`truncated`), its headers contradict each
 * other (`malformed`), or all is well and what follows is not ours to decode (`unsupported`).
 */

/** Stop codes as small integers; `STOP_NAMES` has what users read. The names are API: stable. */
export const StopCode = {
  None: 0,
  /** The captured bytes end before a header or a declared length does, or the capture's snaplen cut the frame. */
  Truncated: 1,
  /** A length passes the bound that another header's length sets, or a value is one the RFC excludes. */
  Malformed: 2,
  /** A type, port or link type that this dissector does not know, and bytes behind it. Not a failure. */
  Unsupported: 3,
  /** More layers or tunnels than the limit. */
  TooDeep: 4,
  /** A VXLAN header whose I flag is clear: its VNI means nothing (RFC 7348, section 5). */
  IFlagClear: 5,
} as const;
export type StopCode = (typeof StopCode)[keyof typeof StopCode];

/** Stop names by code. */
export const STOP_NAMES = ['none', 'truncated', 'malformed', 'unsupported', 'too-deep', 'i-flag-clear'] as const;
export type StopName = Exclude<(typeof STOP_NAMES)[number], 'none'>;

/** Who says how long something is, as small integers; `LEN_SOURCE_NAMES` has what users read. */
export const LenSource = {
  None: 0,
  /** The bytes that were captured. */
  Captured: 1,
  EthernetLength: 2,
  Ipv4TotalLength: 3,
  Ipv4HeaderLength: 4,
  Ipv6PayloadLength: 5,
  UdpLength: 6,
  TcpDataOffset: 7,
  IcmpLength: 8,
  GeneveOptionsLength: 9,
  NshLength: 10,
  ExtensionLength: 11,
  ArpAddressLengths: 12,
  /** The length of the frame on the wire, as the capture file gives it. */
  Wire: 13,
} as const;
export type LenSource = (typeof LenSource)[keyof typeof LenSource];

/** Names of length sources, by code: Wireshark's field names where there is one; null where no length is at fault. */
export const LEN_SOURCE_NAMES = [
  null,
  'frame.cap_len',
  'eth.len',
  'ip.len',
  'ip.hdr_len',
  'ipv6.plen',
  'udp.length',
  'tcp.hdr_len',
  'icmp.length',
  'geneve.opt_len',
  'nsh.length',
  'ipv6.ext_len',
  'arp.hw.size',
  'frame.len',
] as const;

/** A stop as a plain value, for records and people. */
export interface Stop {
  readonly code: StopName;
  /** The layer that it concerns, by its Wireshark name; `frame` before the first layer. */
  readonly layer: string;
  /** Where that layer starts, for `unsupported` where what it announces does, in bytes from the frame's first byte. */
  readonly at: number;
  /** Bytes needed from `at` on, 0 where no length is at fault; for `too-deep` the layers, or tunnels, that it would take. */
  readonly needed: number;
  /** Bytes that there are from `at` on, or that a length below the RFC's least grants; for `too-deep` the limit. */
  readonly available: number;
  /** The field that lies; for a header that does not fit, the field that set the bound; null where no length is at fault. */
  readonly lenSource: string | null;
}
