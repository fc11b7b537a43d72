/**
 * Whether a MAC is that of a NIC behind a physical wire, as far as a MAC can tell.
 */

/** The bit of a MAC that says that no maker gave it: containers, KVM and clouds make theirs up so. */
const LOCALLY_ADMINISTERED = 0x0200_0000_0000;
const GROUP = 0x0100_0000_0000;
/** Makers of virtual NICs: VMware (4), Hyper-V and Azure (3), Xen, VirtualBox, KVM (oVirt), Parallels, Nutanix. */
const VIRTUAL_MAKERS: ReadonlySet<number> = new Set([
  0x000569, 0x000c29, 0x001c14, 0x005056, 0x00155d, 0x000d3a, 0x002248, 0x00163e, 0x080027, 0x001a4a, 0x001c42,
  0x506b8d,
]);

/** Whether it is one: a maker gave it, and none of those whose NICs are virtual. @param mac 0..2^48-1 */
export function isPhysicalNic(mac: number): boolean {
  const isMade = mac !== 0 && hasNone(mac, LOCALLY_ADMINISTERED) && hasNone(mac, GROUP);
  return isMade && !VIRTUAL_MAKERS.has(Math.floor(mac / 0x100_0000));
}

function hasNone(mac: number, bit: number): boolean {
  return Math.floor(mac / bit) % 2 === 0;
}
