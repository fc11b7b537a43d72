/** Frames between made-up VTEPs and the VMs behind them, for rules that judge who sends what to whom. */
import { arp, ethernet, frame, icmpv4, ipv4, udp, vxlan } from './frame-builder.js';

export const [HV1, HV2, HV3] = [0x0a000001, 0x0a010001, 0x0a020001];
export const [VM1, VM2, VM3] = [0x020000000011, 0x020000000012, 0x020000000013];
export const BROADCAST = 0xffffffffffff;

/** The address that a VM has here. */
const addressOf = (mac: number): number => 0xc0a80100 + (mac % 0x100);

/** How a frame travels. */
export interface Way {
  readonly from: number;
  readonly to: number;
  readonly vni?: number;
  readonly timeToLive?: number;
}

function outer({ from, to, vni = 5000, timeToLive = 64 }: Way) {
  return [
    ethernet(),
    ipv4({ source: from, destination: to, timeToLive }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni }),
  ] as const;
}

/** A VM asks who has another one's address, bare. */
export function bareQuestion(asker: number, target: number): Uint8Array {
  return frame(...question(asker, target));
}

/** The same in a tunnel. */
export function asks(way: Way, asker: number, target: number): Uint8Array {
  return frame(...outer(way), ...question(asker, target));
}

function question(asker: number, target: number) {
  return [
    ethernet({ source: asker, destination: BROADCAST }),
    arp({ senderHardware: asker, senderProtocol: addressOf(asker), targetProtocol: addressOf(target) }),
  ] as const;
}

/** A VM answers another one's question, bare. */
export function bareAnswer(mac: number, asker: number): Uint8Array {
  return frame(...answer(mac, asker));
}

/** The same in a tunnel. */
export function answers(way: Way, mac: number, asker: number): Uint8Array {
  return frame(...outer(way), ...answer(mac, asker));
}

function answer(mac: number, asker: number) {
  return [
    ethernet({ source: mac, destination: asker }),
    arp({
      ...{ operation: 2, senderHardware: mac, senderProtocol: addressOf(mac) },
      ...{ targetHardware: asker, targetProtocol: addressOf(asker) },
    }),
  ] as const;
}

/** A ping, of which each is another: by its number; bare without a way. */
export function pings(way: Way | null, source: number, destination: number, identification = 0): Uint8Array {
  return frame(
    ...(way === null ? [] : outer(way)),
    ethernet({ source, destination }),
    ipv4({ source: addressOf(source), destination: addressOf(destination), identification }),
    icmpv4(),
  );
}
