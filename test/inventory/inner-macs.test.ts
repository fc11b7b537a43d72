import { expect, it } from 'vitest';
import { addInnerMacs } from '../../src/inventory/inner-macs.js';
import { Inventory } from '../../src/inventory/inventory.js';
import { KeyTable } from '../../src/inventory/key-table.js';
import { arp, ethernet, frame, geneve, gre, ipv4, payload, tcp, udp, vlan, vxlan } from '../helpers/frame-builder.js';
import { dissect } from '../helpers/layers.js';

const tunnel = (port = 4789) => [ethernet({ source: 1 }), ipv4(), udp({ destinationPort: port })];
const inside = (source: number) => [ethernet({ source, destination: 9 }), ipv4(), tcp()];

const FRAMES = [
  frame(...tunnel(), vxlan(), ...inside(2)),
  frame(...tunnel(), vxlan(), ethernet({ source: 3 }), vlan({ identifier: 7 }), ipv4(), tcp()),
  frame(...tunnel(), vxlan(), ethernet({ source: 4 }), arp()),
  frame(...tunnel(), vxlan(), ethernet({ source: 5 }), ipv4(), udp({ destinationPort: 4789 }), vxlan(), ...inside(6)),
  // No VNI, no room for a MAC, another tunnel, and none.
  frame(...tunnel(), payload([0, 0, 0, 0, 0, 0, 7, 0]), ...inside(7)),
  frame(...tunnel(), vxlan(), payload([1, 2, 3])),
  frame(...tunnel(6081), geneve(), ...inside(8)),
  frame(ethernet({ source: 1 }), ipv4(), gre(), ...inside(10)),
  frame(...inside(11)),
];

it('has the MACs that an inventory of the same frames has', () => {
  const inventory = new Inventory();
  const macs = new KeyTable(100);
  for (const bytes of FRAMES) {
    inventory.add(dissect(bytes));
    addInnerMacs(macs, dissect(bytes));
  }
  const all = inventory.innerMacs();
  const isIn = (table: KeyTable, mac: number): boolean => table.find(0, mac, 0, 0) >= 0;
  for (let mac = 1; mac < 12; mac++) expect(isIn(macs, mac), `MAC ${mac}`).toBe(isIn(all, mac));
  expect(Array.from({ length: 12 }, (_, mac) => mac).filter((mac) => isIn(macs, mac))).toEqual([2, 3, 4, 5, 6]);
});
