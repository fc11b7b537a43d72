/**
 * ARP in tcpdump's words, without its length.
 */
import { ipv4Text, macText } from '../wire/address.js';
import * as arp from '../wire/arp.js';
import { ETHER_TYPE_NAMES } from './text-link.js';

/** The ARP message at `at`: `Request who-has 10.0.0.2 tell 10.0.0.1`; `verbose` says what the addresses are. **Cost** strings. */
export function arpText(bytes: Uint8Array, at: number, verbose: number): string {
  return verbose > 0 ? addressTypes(bytes, at) + operationText(bytes, at) : operationText(bytes, at);
}

/** `Ethernet (len 6), IPv4 (len 4), ` */
function addressTypes(bytes: Uint8Array, at: number): string {
  const type = arp.hardwareType(bytes, at);
  const hardware = type === 1 ? 'Ethernet' : `hardware #${type}`;
  const protocol = ETHER_TYPE_NAMES[arp.protocolType(bytes, at)] ?? 'Unknown protocol';
  return `${hardware} (len ${arp.hardwareLen(bytes, at)}), ${protocol} (len ${arp.protocolLen(bytes, at)}), `;
}

function operationText(bytes: Uint8Array, at: number): string {
  const sender = arp.senderProtocol(bytes, at);
  const target = arp.targetProtocol(bytes, at);
  const senderMac = arp.senderHardware(bytes, at);
  const targetMac = arp.targetHardware(bytes, at);
  const operation = arp.operation(bytes, at);
  if (sender < 0 || target < 0 || senderMac < 0 || targetMac < 0) return `opcode ${operation}`;
  switch (operation) {
    case arp.Operation.Request:
      return `Request who-has ${ipv4Text(target)}${targetMac === 0 ? '' : ` (${macText(targetMac)})`} tell ${ipv4Text(sender)}`;
    case arp.Operation.Reply:
      return `Reply ${ipv4Text(sender)} is-at ${macText(senderMac)}`;
    case arp.Operation.ReverseRequest:
      return `Request who-is ${macText(targetMac)} tell ${macText(senderMac)}`;
    case arp.Operation.ReverseReply:
      return `Reply ${macText(targetMac)} at ${ipv4Text(target)}`;
    default:
      return `opcode ${operation}`;
  }
}
