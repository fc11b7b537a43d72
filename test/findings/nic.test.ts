import { expect, it } from 'vitest';
import { isPhysicalNic } from '../../src/findings/nic.js';

it.each([
  ['VMware', [0x000569, 0x000c29, 0x001c14, 0x005056]],
  ['Hyper-V and Azure', [0x00155d, 0x000d3a, 0x002248]],
  ['Xen', [0x00163e]],
  ['VirtualBox', [0x080027]],
  ['oVirt', [0x001a4a]],
  ['Parallels', [0x001c42]],
  ['Nutanix', [0x506b8d]],
])('%s makes none', (_, makers) => {
  const ends = makers.flatMap((maker) => [maker * 0x100_0000, maker * 0x100_0000 + 0xff_ffff]);
  expect(ends.map(isPhysicalNic)).not.toContain(true);
  const beside = makers.flatMap((maker) => [maker * 0x100_0000 - 1, (maker + 1) * 0x100_0000]);
  expect(beside.map(isPhysicalNic)).not.toContain(false);
});

it('is what a maker gave, to one host', () => {
  expect([0x3cfdfe000002, 0x000000000001, 0xfcffffffffff].map(isPhysicalNic)).not.toContain(false);
  const made = [0x020000000001, 0x3efdfe000002, 0x01005e000001, 0x3dfdfe000002, 0xffffffffffff, 0];
  expect(made.map(isPhysicalNic)).not.toContain(true);
});
