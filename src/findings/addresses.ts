/**
 * What addresses say of themselves.
 */

/** First bytes of MACs that routers share: VRRP (RFC 9568), HSRP 1, 2 and 2 for IPv6, GLBP. */
const VIRTUAL_ROUTERS = [
  '00:00:5e:00:01:',
  '00:00:5e:00:02:',
  '00:00:0c:07:ac:',
  '00:00:0c:9f:f',
  '00:05:73:a0:0',
  '00:07:b4:00:',
];
/** ff:ff:ff:ff:ff:ff. */
export const BROADCAST = 0xffff_ffff_ffff;

/** Whether routers share a MAC: it may be in several places, and go from one to the next. @param mac as text */
export function isVirtualRouter(mac: string): boolean {
  return VIRTUAL_ROUTERS.some((start) => mac.startsWith(start));
}

/** Whether an address is multicast, as text. */
export function isMulticast(address: string): boolean {
  if (address.includes(':')) return address.startsWith('ff');
  const first = Number(address.slice(0, address.indexOf('.')));
  return first >= 224 && first <= 239;
}

/** Whether a MAC is a group's, or everybody's. @param mac 0..2^48-1 */
export function isGroup(mac: number): boolean {
  return Math.floor(mac / 2 ** 40) % 2 === 1;
}
