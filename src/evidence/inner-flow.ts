/**
 * The inner flow of a frame in a tunnel, as a number.
 */
import { LayerKind, type LayerStack } from '../wire/stack.js';

const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const IPV6_SOURCE = 8;
const IPV6_LEN = 40;

/**
 * A hash of the flow: addresses, and ports where there are some.
 *
 * @param inner index of the inner frame's first layer
 * @returns 32 bits; 0 where it is not IP, or has none to tell
 */
export function innerFlow({ view, kinds, ats, depth }: LayerStack, inner: number): number {
  let ip = inner + 1;
  while (ip < depth && (kinds[ip] === LayerKind.Vlan || kinds[ip] === LayerKind.ServiceVlan)) ip++;
  if (ip + 1 >= depth) return 0;
  const at = ats[ip] as number;
  let hash = 0;
  if (kinds[ip] === LayerKind.Ipv4) {
    hash =
      Math.imul(view.getInt32(at + IPV4_SOURCE), 0x9e3779b1) ^
      Math.imul(view.getInt32(at + IPV4_DESTINATION), 0x85ebca6b);
  } else if (kinds[ip] === LayerKind.Ipv6) {
    for (let word = IPV6_SOURCE; word < IPV6_LEN; word += 4) {
      hash = Math.imul(hash ^ view.getInt32(at + word), 0x9e3779b1);
    }
  } else {
    return 0;
  }
  const kind = kinds[ip + 1];
  if (kind === LayerKind.Tcp || kind === LayerKind.Udp) {
    hash ^= Math.imul(view.getInt32(ats[ip + 1] as number), 0xc2b2ae35);
  }
  hash ^= hash >>> 15;
  return hash === 0 ? 1 : hash;
}
