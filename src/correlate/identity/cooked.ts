/**
 * Frames that do not show all of their MACs: what is known of who sent one, and whether it is for a group. Of what came in,
 * a cooked header says so; of what went out, and without one, its addresses do.
 */
import { isIpv4Multicast } from '../../wire/address.js';
import * as arp from '../../wire/arp.js';
import { EtherType } from '../../wire/ether-type.js';
import * as linuxSll from '../../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';

const { PacketType } = linuxSll;

/** The sender's MAC, as a cooked header has it. @param index of the header @returns 0..2^48-1; -1 where it has none. **Cost** no allocation. */
export function cookedSource({ bytes, kinds, ats }: LayerStack, index: number): number {
  const at = ats[index] as number;
  if (kinds[index] === LayerKind.LinuxSll2) return linuxSll.source2(bytes, at);
  return kinds[index] === LayerKind.LinuxSll ? linuxSll.source(bytes, at) : -1;
}

/** Whether a frame is for a group. @param index of its first layer @param words its identity's, from `at` on. **Cost** no allocation. */
export function isToGroup({ bytes, kinds, ats }: LayerStack, index: number, words: Int32Array, at: number): boolean {
  const link = kinds[index];
  const from = ats[index] as number;
  let type: number = PacketType.Outgoing;
  if (link === LayerKind.LinuxSll) type = linuxSll.packetType(bytes, from);
  else if (link === LayerKind.LinuxSll2) type = linuxSll.packetType2(bytes, from);
  if (type !== PacketType.Outgoing) return type === PacketType.Broadcast || type === PacketType.Multicast;
  switch ((words[at + 3] as number) >>> 16) {
    case EtherType.Arp:
      return (words[at + 5] as number) >>> 16 === arp.Operation.Request;
    case EtherType.Ipv4: {
      const destination = ((words[at + 7] as number) << 16) | ((words[at + 8] as number) >>> 16);
      return destination === -1 || isIpv4Multicast(destination);
    }
    case EtherType.Ipv6:
      return ((words[at + 9] as number) & 0xff00) === 0xff00;
    default:
      return false;
  }
}
