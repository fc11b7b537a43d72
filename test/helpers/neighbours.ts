/** What hosts say to find each other, bare and in tunnels: ARP, and neighbour discovery. */
import { arp, ethernet, frame, icmpv6, ipv4, ipv6, type Part, payload, udp, vxlan } from './frame-builder.js';

export const [HV1, HV2, HV3] = [0x0a000001, 0x0a010001, 0x0a020001] as const;
export const [VM1, VM2, VM3] = [0xc0a80101, 0xc0a80102, 0xc0a80103] as const;
/** MACs of the two VMs, and of somebody else. */
export const [MAC1, MAC2, OTHER] = [0x020000000011, 0x020000000012, 0x020000000099] as const;
const ALL = 0xffffffffffff;

/** A tunnel: who sends, who gets it; 5000 unless told. */
export interface Through {
  readonly from: number;
  readonly to: number;
  readonly vni?: number;
}
/** Who speaks, and about whom. */
export interface Words {
  readonly mac: number;
  /** Of the Ethernet header, where that is another. */
  readonly source?: number;
  /** MAC that it is sent to, where that is another than a host of its kind would send to. */
  readonly to?: number;
  readonly sender: number;
  readonly target: number;
}

/** From the first host to the second, and back. */
export const OUT: Through = { from: HV1, to: HV2 };
export const BACK: Through = { from: HV2, to: HV1 };
/** The first VM asks for the second. */
export const ASK: Words = { mac: MAC1, sender: VM1, target: VM2 };
/** The second VM answers. */
export const ANSWER: Words = { mac: MAC2, sender: VM2, target: VM1 };

/** A frame, in a tunnel or bare. */
export function carried(through: Through | null, ...inner: readonly Part[]): Uint8Array {
  if (through === null) return frame(...inner);
  const { from, to, vni = 5000 } = through;
  return frame(
    ethernet(),
    ipv4({ source: from, destination: to }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni }),
    ...inner,
  );
}

/** An ARP request. */
export function ask(through: Through | null, words: Partial<Words> = {}): Uint8Array {
  const { mac, source = mac, to = ALL, sender, target } = { ...ASK, ...words };
  return carried(
    through,
    ethernet({ source, destination: to }),
    arp({ senderHardware: mac, senderProtocol: sender, targetProtocol: target }),
  );
}

/** An ARP reply; with `target` as `sender` it is an announcement. */
export function answer(through: Through | null, words: Partial<Words> = {}): Uint8Array {
  const { mac, source = mac, to = MAC1, sender, target } = { ...ANSWER, ...words };
  return carried(
    through,
    ethernet({ source, destination: to }),
    arp({ operation: 2, senderHardware: mac, senderProtocol: sender, targetHardware: to, targetProtocol: target }),
  );
}

/** An IPv6 address of the VMs' network, of neighbours asked for, or of all nodes. */
export const ipv6Of = (host: number): number[] => [0xfd, ...Array(14).fill(0), host];
const solicitedNode = (host: number): number[] => [0xff, 2, ...Array(9).fill(0), 1, 0xff, 0, 0, host];
const ALL_NODES = [0xff, 2, ...Array(13).fill(0), 1];

/** A neighbour solicitation of host `sender` for host `target`. */
export function solicit(through: Through | null, mac: number, sender: number, target: number): Uint8Array {
  return carried(
    through,
    ethernet({ source: mac, destination: 0x3333ff000000 + target }),
    ipv6({ source: ipv6Of(sender), destination: solicitedNode(target), hopLimit: 255 }),
    icmpv6({ type: 135 }),
    payload(ipv6Of(target)),
  );
}

/** A neighbour advertisement of host `sender` to host `target`; to all without one. */
export function advertise(through: Through | null, mac: number, sender: number, target?: number): Uint8Array {
  return carried(
    through,
    ethernet({ source: mac, destination: target === undefined ? 0x333300000001 : MAC1 }),
    ipv6({
      source: ipv6Of(sender),
      destination: target === undefined ? ALL_NODES : ipv6Of(target),
      hopLimit: 255,
    }),
    icmpv6({ type: 136, rest: 0x60000000 }),
    payload(ipv6Of(sender)),
  );
}

/** A frame between VMs that is no ARP. */
export function data(through: Through | null, mac: number = MAC1, to: number = MAC2, identification = 1): Uint8Array {
  return carried(
    through,
    ethernet({ source: mac, destination: to }),
    ipv4({ source: VM1, destination: VM2, identification }),
    payload([1, 2, 3, 4]),
  );
}
