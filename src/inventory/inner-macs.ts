/** MACs that sent inner frames, where nothing else of tunnels is asked for: as `Inventory.innerMacs` has them. */
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import { vniValid } from '../wire/vxlan.js';
import type { KeyTable } from './key-table.js';

const ETHERNET_SOURCE = 6;

/** Adds who sent the inner frames of a frame, by the first 16 bits of the MAC and the other 32. **Cost** amortised no allocation. */
export function addInnerMacs(macs: KeyTable, { bytes, view, kinds, ats, depth, tunnelIndex }: LayerStack): void {
  for (let index = 2; index <= tunnelIndex && index + 1 < depth; index++) {
    if (!isVxlan(kinds[index]) || kinds[index + 1] !== LayerKind.Ethernet) continue;
    if (!vniValid(bytes, ats[index] as number)) continue;
    const at = (ats[index + 1] as number) + ETHERNET_SOURCE;
    macs.row(view.getUint16(at), view.getInt32(at + 2), 0, 0);
  }
}
