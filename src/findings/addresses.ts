/**
 * What addresses say of themselves.
 */

/** What MACs that routers share begin with, and how many bits that is: VRRP (RFC 9568), HSRP 1, 2 and 2 for IPv6, GLBP. */
const VIRTUAL_ROUTERS = [
  [0x00_00_5e_00_01, 40],
  [0x00_00_5e_00_02, 40],
  [0x00_00_0c_07_ac, 40],
  [0x00_00_0c_9f_f, 36],
  [0x00_05_73_a0_0, 36],
  [0x00_07_b4_00, 32],
] as const;
/** ff:ff:ff:ff:ff:ff. */
export const BROADCAST = 0xffff_ffff_ffff;

/** Whether routers share a MAC: it may be in several places, and go from one to the next. @param mac 0..2^48-1 */
export function isVirtualRouter(mac: number): boolean {
  return VIRTUAL_ROUTERS.some(([start, bits]) => Math.floor(mac / 2 ** (48 - bits)) === start);
}

/** Whether an address is multicast, as text. */
export function isMulticast(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff');
  const first = Number(address.slice(0, address.indexOf('.')));
  return first >= 224 && first <= 239;
}
