/**
 * The emit side: frames out of parts, outermost first. Types, lengths and checksums are right by default; every field
 * can be given, so that a frame can lie.
 *
 * `frame(ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ethernet(), arp())`
 */
import { LayerKind } from '../../src/wire/stack.js';

/** One header, or bytes. What it announces and what it sums over come from its neighbours. */
export interface Part {
  readonly kind: LayerKind;
  /** @param payload all that follows @param next the part that follows @param ip the innermost IP part around it */
  emit(payload: Uint8Array, next: LayerKind, ip: Part | null): Uint8Array;
  /** The sum of its pseudo-header; IP only. */
  readonly pseudoSum?: (protocol: number, length: number) => number;
}

/** The bytes of a frame. */
export function frame(...parts: readonly Part[]): Uint8Array {
  let bytes = new Uint8Array(0);
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index] as Part;
    const ip = parts.slice(0, index).findLast((outer) => outer.pseudoSum !== undefined) ?? null;
    bytes = Uint8Array.from(part.emit(bytes, parts[index + 1]?.kind ?? LayerKind.None, ip));
  }
  return bytes;
}

/** Bytes as they are. */
export function payload(bytes: ArrayLike<number>): Part {
  return { kind: LayerKind.None, emit: (rest) => concat(Uint8Array.from(bytes), rest) };
}

/** The ones' complement sum of 16-bit words, folded (RFC 1071). */
export function internetSum(bytes: Uint8Array, start = 0): number {
  let sum = start;
  for (let at = 0; at < bytes.length; at++) sum += (bytes[at] as number) << (at % 2 === 0 ? 8 : 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return sum;
}

const ETHER_TYPES: Partial<Record<LayerKind, number>> = {
  [LayerKind.Ipv4]: 0x0800,
  [LayerKind.Arp]: 0x0806,
  [LayerKind.Ethernet]: 0x6558,
  [LayerKind.Vlan]: 0x8100,
  [LayerKind.Ipv6]: 0x86dd,
  [LayerKind.ServiceVlan]: 0x88a8,
};
const PROTOCOLS: Partial<Record<LayerKind, number>> = {
  [LayerKind.HopByHop]: 0,
  [LayerKind.Icmpv4]: 1,
  [LayerKind.Ipv4]: 4,
  [LayerKind.Tcp]: 6,
  [LayerKind.Udp]: 17,
  [LayerKind.Ipv6]: 41,
  [LayerKind.Routing]: 43,
  [LayerKind.Fragment]: 44,
  [LayerKind.Gre]: 47,
  [LayerKind.Authentication]: 51,
  [LayerKind.Icmpv6]: 58,
  [LayerKind.DestinationOptions]: 60,
};
const NEXT_PROTOCOLS: Partial<Record<LayerKind, number>> = {
  [LayerKind.Ipv4]: 1,
  [LayerKind.Ipv6]: 2,
  [LayerKind.Ethernet]: 3,
  [LayerKind.Nsh]: 4,
};
const UDP_PORTS: Partial<Record<LayerKind, number>> = {
  [LayerKind.Vxlan]: 4789,
  [LayerKind.VxlanGpe]: 4790,
  [LayerKind.Geneve]: 6081,
};
/** What stands for "nobody knows this": local experimental EtherType, protocol for experimentation, a free port. */
const UNKNOWN_ETHER_TYPE = 0x88b5;
const UNKNOWN_PROTOCOL = 253;
const UNKNOWN_PORT = 9;

const etherTypeOf = (next: LayerKind) => ETHER_TYPES[next] ?? UNKNOWN_ETHER_TYPE;
const protocolOf = (next: LayerKind) => PROTOCOLS[next] ?? UNKNOWN_PROTOCOL;

/** A header of `[value, bytes]` fields, network order. */
function fields(...pairs: readonly (readonly [value: number, bytes: number])[]): Uint8Array {
  const out: number[] = [];
  for (const [value, len] of pairs) {
    for (let shift = len - 1; shift >= 0; shift--) out.push(Math.floor(value / 2 ** (8 * shift)) % 256);
  }
  return Uint8Array.from(out);
}

function concat(...chunks: readonly ArrayLike<number>[]): Uint8Array {
  return Uint8Array.from(chunks.flatMap((chunk) => Array.from(chunk)));
}

/** Writes the complement of the sum over `bytes` at `at`, or the `given` value. */
function sealed(bytes: Uint8Array, at: number, given: number | undefined, start = 0, covered = bytes): Uint8Array {
  const sum = given ?? ~internetSum(covered, start) & 0xffff;
  bytes[at] = sum >> 8;
  bytes[at + 1] = sum & 0xff;
  return bytes;
}

const OUR_MAC = 0x0200_0000_0001;
const THEIR_MAC = 0x0200_0000_0002;
const OUR_IPV4 = 0x0a00_0001;
const THEIR_IPV4 = 0x0a00_0002;
const OUR_IPV6 = concat([0xfd], Array(14).fill(0), [1]);
const THEIR_IPV6 = concat([0xfd], Array(14).fill(0), [2]);

export interface EthernetFields {
  destination?: number;
  source?: number;
  type?: number;
}
export function ethernet(given: EthernetFields = {}): Part {
  return {
    kind: LayerKind.Ethernet,
    emit(rest, next) {
      const type = given.type ?? (next === LayerKind.Llc ? rest.length : etherTypeOf(next));
      return concat(fields([given.destination ?? THEIR_MAC, 6], [given.source ?? OUR_MAC, 6], [type, 2]), rest);
    },
  };
}

/** @param given `service` makes it an 802.1ad tag */
export function vlan(
  given: { identifier?: number; priority?: number; dropEligible?: number; type?: number; service?: boolean } = {},
): Part {
  return {
    kind: given.service ? LayerKind.ServiceVlan : LayerKind.Vlan,
    emit(rest, next) {
      const tag = ((given.priority ?? 0) << 13) | ((given.dropEligible ?? 0) << 12) | (given.identifier ?? 1);
      const type = given.type ?? (next === LayerKind.Llc ? rest.length : etherTypeOf(next));
      return concat(fields([tag, 2], [type, 2]), rest);
    },
  };
}

/** A spanning tree's LLC header. */
export function llc(): Part {
  return { kind: LayerKind.Llc, emit: (rest) => concat([0x42, 0x42, 0x03], rest) };
}

export function arp(
  given: {
    hardwareType?: number;
    protocolType?: number;
    hardwareLen?: number;
    protocolLen?: number;
    operation?: number;
    senderHardware?: number;
    senderProtocol?: number;
    targetHardware?: number;
    targetProtocol?: number;
  } = {},
): Part {
  return {
    kind: LayerKind.Arp,
    emit: (rest) =>
      concat(
        fields(
          [given.hardwareType ?? 1, 2],
          [given.protocolType ?? 0x0800, 2],
          [given.hardwareLen ?? 6, 1],
          [given.protocolLen ?? 4, 1],
          [given.operation ?? 1, 2],
          [given.senderHardware ?? OUR_MAC, 6],
          [given.senderProtocol ?? OUR_IPV4, 4],
          [given.targetHardware ?? 0, 6],
          [given.targetProtocol ?? THEIR_IPV4, 4],
        ),
        rest,
      ),
  };
}

export interface Ipv4Fields {
  version?: number;
  /** Header length in bytes, as the IHL field gives it. */
  headerLen?: number;
  typeOfService?: number;
  totalLength?: number;
  identification?: number;
  reservedFlag?: number;
  dontFragment?: number;
  moreFragments?: number;
  /** In units of 8 bytes. */
  fragmentOffset?: number;
  timeToLive?: number;
  protocol?: number;
  checksum?: number;
  source?: number;
  destination?: number;
  /** A multiple of 4 bytes. */
  options?: ArrayLike<number>;
}
export function ipv4(given: Ipv4Fields = {}): Part {
  const source = given.source ?? OUR_IPV4;
  const destination = given.destination ?? THEIR_IPV4;
  return {
    kind: LayerKind.Ipv4,
    emit(rest, next) {
      const options = given.options ?? [];
      const headerLen = 20 + options.length;
      const flags =
        ((given.reservedFlag ?? 0) << 15) |
        ((given.dontFragment ?? 0) << 14) |
        ((given.moreFragments ?? 0) << 13) |
        (given.fragmentOffset ?? 0);
      const header = concat(
        fields(
          [((given.version ?? 4) << 4) | ((given.headerLen ?? headerLen) >> 2), 1],
          [given.typeOfService ?? 0, 1],
          [given.totalLength ?? headerLen + rest.length, 2],
          [given.identification ?? 0, 2],
          [flags, 2],
          [given.timeToLive ?? 64, 1],
          [given.protocol ?? protocolOf(next), 1],
          [0, 2],
          [source, 4],
          [destination, 4],
        ),
        options,
      );
      return concat(sealed(header, 10, given.checksum), rest);
    },
    pseudoSum: (protocol, length) => internetSum(fields([source, 4], [destination, 4], [protocol, 2], [length, 4])),
  };
}

export interface Ipv6Fields {
  version?: number;
  trafficClass?: number;
  flowLabel?: number;
  payloadLength?: number;
  nextHeader?: number;
  hopLimit?: number;
  /** 16 bytes. */
  source?: ArrayLike<number>;
  /** 16 bytes. */
  destination?: ArrayLike<number>;
}
export function ipv6(given: Ipv6Fields = {}): Part {
  const addresses = concat(given.source ?? OUR_IPV6, given.destination ?? THEIR_IPV6);
  return {
    kind: LayerKind.Ipv6,
    emit(rest, next) {
      const first = (given.version ?? 6) * 2 ** 28 + (given.trafficClass ?? 0) * 2 ** 20 + (given.flowLabel ?? 0);
      return concat(
        fields(
          [first, 4],
          [given.payloadLength ?? rest.length, 2],
          [given.nextHeader ?? protocolOf(next), 1],
          [given.hopLimit ?? 64, 1],
        ),
        addresses,
        rest,
      );
    },
    pseudoSum: (protocol, length) => internetSum(addresses, internetSum(fields([length, 4], [protocol, 4]))),
  };
}

/** Hop-by-hop or destination options, padding by default. @param given `data`: 6 bytes more than a multiple of 8 */
export function options(
  kind: typeof LayerKind.HopByHop | typeof LayerKind.DestinationOptions,
  given: { nextHeader?: number; length?: number; data?: ArrayLike<number> } = {},
): Part {
  return {
    kind,
    emit(rest, next) {
      const data = given.data ?? [1, 4, 0, 0, 0, 0];
      return concat([given.nextHeader ?? protocolOf(next), given.length ?? (data.length + 2) / 8 - 1], data, rest);
    },
  };
}

/** A routing header. @param given `data`: 4 bytes more than a multiple of 8 */
export function routing(
  given: {
    nextHeader?: number;
    length?: number;
    routingType?: number;
    segmentsLeft?: number;
    data?: ArrayLike<number>;
  } = {},
): Part {
  return {
    kind: LayerKind.Routing,
    emit(rest, next) {
      const data = given.data ?? [0, 0, 0, 0];
      const length = given.length ?? (data.length + 4) / 8 - 1;
      const header = [given.nextHeader ?? protocolOf(next), length, given.routingType ?? 0, given.segmentsLeft ?? 0];
      return concat(header, data, rest);
    },
  };
}

/** An IPv6 fragment header. */
export function fragment(
  given: { nextHeader?: number; fragmentOffset?: number; moreFragments?: number; identification?: number } = {},
): Part {
  return {
    kind: LayerKind.Fragment,
    emit: (rest, next) =>
      concat(
        fields(
          [given.nextHeader ?? protocolOf(next), 1],
          [0, 1],
          [((given.fragmentOffset ?? 0) << 3) | (given.moreFragments ?? 0), 2],
          [given.identification ?? 0, 4],
        ),
        rest,
      ),
  };
}

/** An authentication header. @param given `value`: the integrity check value, a multiple of 4 bytes */
export function authentication(
  given: { nextHeader?: number; length?: number; securityParametersIndex?: number; value?: ArrayLike<number> } = {},
): Part {
  return {
    kind: LayerKind.Authentication,
    emit(rest, next) {
      const value = given.value ?? Array(12).fill(0xa5);
      return concat(
        fields(
          [given.nextHeader ?? protocolOf(next), 1],
          [given.length ?? (12 + value.length) / 4 - 2, 1],
          [0, 2],
          [given.securityParametersIndex ?? 1, 4],
          [1, 4],
        ),
        value,
        rest,
      );
    },
  };
}

export interface UdpFields {
  sourcePort?: number;
  destinationPort?: number;
  length?: number;
  checksum?: number;
}
/** The destination port is that of the tunnel that follows, if one does. */
export function udp(given: UdpFields = {}): Part {
  return {
    kind: LayerKind.Udp,
    emit(rest, next, ip) {
      const port = given.destinationPort ?? UDP_PORTS[next] ?? UNKNOWN_PORT;
      const length = 8 + rest.length;
      const header = fields([given.sourcePort ?? 49_152, 2], [port, 2], [given.length ?? length, 2], [0, 2]);
      const segment = concat(header, rest);
      // A sum of zero goes out as 0xffff: zero would say that there is none (RFC 768).
      const sum = ~internetSum(segment, ip?.pseudoSum?.(17, length) ?? 0) & 0xffff || 0xffff;
      return sealed(segment, 6, given.checksum ?? sum);
    },
  };
}

export interface TcpFields {
  sourcePort?: number;
  destinationPort?: number;
  sequenceNumber?: number;
  acknowledgmentNumber?: number;
  /** Header length in bytes, as the data offset gives it. */
  headerLen?: number;
  flags?: number;
  window?: number;
  checksum?: number;
  urgentPointer?: number;
  /** A multiple of 4 bytes. */
  options?: ArrayLike<number>;
}
export function tcp(given: TcpFields = {}): Part {
  return {
    kind: LayerKind.Tcp,
    emit(rest, _next, ip) {
      const options = given.options ?? [];
      const offset = (given.headerLen ?? 20 + options.length) >> 2;
      const segment = concat(
        fields(
          [given.sourcePort ?? 49_152, 2],
          [given.destinationPort ?? 80, 2],
          [given.sequenceNumber ?? 1, 4],
          [given.acknowledgmentNumber ?? 0, 4],
          [(offset << 12) | (given.flags ?? 0x10), 2],
          [given.window ?? 0xffff, 2],
          [0, 2],
          [given.urgentPointer ?? 0, 2],
        ),
        options,
        rest,
      );
      return sealed(segment, 16, given.checksum, ip?.pseudoSum?.(6, segment.length) ?? 0);
    },
  };
}

export interface IcmpFields {
  type?: number;
  code?: number;
  checksum?: number;
  /** The four bytes behind the checksum, by type. */
  rest?: number;
}
/** An echo request by default; `echo(identifier, sequenceNumber)` makes `rest`. What an error quotes is the parts that follow. */
export function icmpv4(given: IcmpFields = {}): Part {
  return {
    kind: LayerKind.Icmpv4,
    emit: (rest) => sealed(icmpMessage(given.type ?? 8, given, rest), 2, given.checksum),
  };
}

/** As `icmpv4`, with the checksum of ICMPv6, which covers the pseudo-header. */
export function icmpv6(given: IcmpFields = {}): Part {
  return {
    kind: LayerKind.Icmpv6,
    emit(rest, _next, ip) {
      const message = icmpMessage(given.type ?? 128, given, rest);
      return sealed(message, 2, given.checksum, ip?.pseudoSum?.(58, message.length) ?? 0);
    },
  };
}

function icmpMessage(type: number, given: IcmpFields, rest: Uint8Array): Uint8Array {
  return concat(fields([type, 1], [given.code ?? 0, 1], [0, 2], [given.rest ?? 0, 4]), rest);
}

/** `rest` of an echo. */
export function echo(identifier: number, sequenceNumber: number): number {
  return identifier * 0x1_0000 + sequenceNumber;
}

export interface VxlanFields {
  /** All 16 bits; I alone by default. */
  flags?: number;
  groupPolicy?: number;
  vni?: number;
  reserved?: number;
}
/** VXLAN; with `flags` 0x8800 and a `groupPolicy` it is GBP. */
export function vxlan(given: VxlanFields = {}): Part {
  return {
    kind: LayerKind.Vxlan,
    emit: (rest) =>
      concat(
        fields(
          [given.flags ?? 0x0800, 2],
          [given.groupPolicy ?? 0, 2],
          [given.vni ?? 5000, 3],
          [given.reserved ?? 0, 1],
        ),
        rest,
      ),
  };
}

/** VXLAN-GPE, flags I and P. */
export function vxlanGpe(
  given: { gpeFlags?: number; nextProtocol?: number; vni?: number; reserved?: number } = {},
): Part {
  return {
    kind: LayerKind.VxlanGpe,
    emit: (rest, next) =>
      concat(
        fields(
          [given.gpeFlags ?? 0x0c, 1],
          [0, 2],
          [given.nextProtocol ?? NEXT_PROTOCOLS[next] ?? 0, 1],
          [given.vni ?? 5000, 3],
          [given.reserved ?? 0, 1],
        ),
        rest,
      ),
  };
}

/** @param given `options`: a multiple of 4 bytes; `optionsLen` as the field gives it, in bytes */
export function geneve(
  given: {
    version?: number;
    optionsLen?: number;
    control?: number;
    critical?: number;
    protocolType?: number;
    vni?: number;
    options?: ArrayLike<number>;
  } = {},
): Part {
  return {
    kind: LayerKind.Geneve,
    emit(rest, next) {
      const options = given.options ?? [];
      return concat(
        fields(
          [((given.version ?? 0) << 6) | ((given.optionsLen ?? options.length) >> 2), 1],
          [((given.control ?? 0) << 7) | ((given.critical ?? 0) << 6), 1],
          [given.protocolType ?? etherTypeOf(next), 2],
          [given.vni ?? 5000, 3],
          [0, 1],
        ),
        options,
        rest,
      );
    },
  };
}

/** GRE; a word is there if it is given. */
export function gre(
  given: { flags?: number; protocolType?: number; checksum?: number; key?: number; sequenceNumber?: number } = {},
): Part {
  return {
    kind: LayerKind.Gre,
    emit(rest, next) {
      const words: (readonly [number, number])[] = [];
      let flags = 0;
      if (given.checksum !== undefined) {
        flags |= 0x8000;
        words.push([given.checksum, 2], [0, 2]);
      }
      if (given.key !== undefined) {
        flags |= 0x2000;
        words.push([given.key, 4]);
      }
      if (given.sequenceNumber !== undefined) {
        flags |= 0x1000;
        words.push([given.sequenceNumber, 4]);
      }
      return concat(fields([given.flags ?? flags, 2], [given.protocolType ?? etherTypeOf(next), 2], ...words), rest);
    },
  };
}

/** @param given `context`: the context headers, 16 bytes of MD type 1 by default; `headerLen` as the field gives it, in bytes */
export function nsh(
  given: {
    headerLen?: number;
    nextProtocol?: number;
    servicePath?: number;
    serviceIndex?: number;
    context?: ArrayLike<number>;
  } = {},
): Part {
  return {
    kind: LayerKind.Nsh,
    emit(rest, next) {
      const context = given.context ?? Array(16).fill(0);
      return concat(
        fields(
          [0x0fc0 | ((given.headerLen ?? 8 + context.length) >> 2), 2],
          [1, 1],
          [given.nextProtocol ?? NEXT_PROTOCOLS[next] ?? 0, 1],
          [given.servicePath ?? 1, 3],
          [given.serviceIndex ?? 255, 1],
        ),
        context,
        rest,
      );
    },
  };
}

export interface SllFields {
  packetType?: number;
  hardwareType?: number;
  addressLen?: number;
  source?: number;
  protocol?: number;
  /** Version 2 only. */
  interfaceIndex?: number;
}
/** Linux cooked, version 1. */
export function sll(given: SllFields = {}): Part {
  return {
    kind: LayerKind.LinuxSll,
    emit: (rest, next) =>
      concat(
        fields(
          [given.packetType ?? 0, 2],
          [given.hardwareType ?? 1, 2],
          [given.addressLen ?? 6, 2],
          [given.source ?? OUR_MAC, 6],
          [0, 2],
          [given.protocol ?? (next === LayerKind.Llc ? 4 : etherTypeOf(next)), 2],
        ),
        rest,
      ),
  };
}

/** Linux cooked, version 2. */
export function sll2(given: SllFields = {}): Part {
  return {
    kind: LayerKind.LinuxSll2,
    emit: (rest, next) =>
      concat(
        fields(
          [given.protocol ?? (next === LayerKind.Llc ? 4 : etherTypeOf(next)), 2],
          [0, 2],
          [given.interfaceIndex ?? 1, 4],
          [given.hardwareType ?? 1, 2],
          [given.packetType ?? 0, 1],
          [given.addressLen ?? 6, 1],
          [given.source ?? OUR_MAC, 6],
          [0, 2],
        ),
        rest,
      ),
  };
}

/** BSD loopback. @param given `family` by default the next part's; `swapped`: in the other byte order */
export function nullLoopback(given: { family?: number; swapped?: boolean } = {}): Part {
  return {
    kind: LayerKind.Null,
    emit(rest, next) {
      const word = fields([given.family ?? (next === LayerKind.Ipv6 ? 30 : 2), 4]);
      return concat(given.swapped ? word.reverse() : word, rest);
    },
  };
}
