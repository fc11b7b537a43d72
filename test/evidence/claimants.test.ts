/** Who claims an address, and the limits of what is kept. */
import { expect, it } from 'vitest';
import { Act, AddressMessage, NO_ADDRESS } from '../../src/evidence/address-message.js';
import { Claimants } from '../../src/evidence/claimants.js';
import { Addresses, Family } from '../../src/inventory/addresses.js';

const message = new AddressMessage(new Addresses(1));
const says = (sender: number, mac: number, act: Act = Act.Ask, vlan = -1, family: Family = Family.Ipv4) =>
  Object.assign(message, { act, sender, mac, vlan, family });

/** One address, claimed by these MACs, one after the other. */
function claimed(...macs: readonly number[]) {
  const claimants = new Claimants(new Addresses(1));
  for (const [index, mac] of macs.entries()) claimants.see(index + 1, says(1, mac), -1, index);
  return claimants.list()[0];
}

it.each([
  ['one MAC', [1, 1, 1], 0],
  ['another after it', [1, 2, 2], 0],
  ['the first again', [1, 2, 1], 1],
  ['by turns', [1, 2, 1, 2], 2],
  ['three', [1, 2, 3, 1, 1, 2], 2],
])('counts how often an address is claimed back: %s', (_, macs, returns) => {
  expect(claimed(...macs)).toMatchObject({ returns });
});

it('keeps the way at first sight, frames, and whether a MAC ever announced the address', () => {
  const claimants = new Claimants(new Addresses(1));
  claimants.see(1, says(1, 7), -1, 3);
  claimants.see(2, says(1, 7, Act.Announce), -1, 4);
  claimants.see(3, says(1, 7, Act.Answer), -1, 5);
  claimants.see(4, says(1, 8, Act.Answer), -1, 6);
  expect(claimants.list()[0]?.claimants).toMatchObject([
    { mac: 7, row: 3, announced: true, frames: { frames: [1, 2, 3] } },
    { mac: 8, row: 6, announced: false, frames: { frames: [4] } },
  ]);
});

it('keeps four MACs of an address: a fifth does not count as another', () => {
  expect(claimed(1, 2, 3, 4, 5, 4, 5, 4)?.claimants.map(({ mac, frames }) => [mac, frames.count])).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 3],
  ]);
  expect(claimed(1, 2, 3, 4, 5, 4, 5, 4)?.returns).toBe(0);
});

it('keeps addresses by network, VLAN and family; what claims none is left out', () => {
  const claimants = new Claimants(new Addresses(1));
  claimants.see(1, says(1, 7), -1, -1);
  claimants.see(2, says(1, 7), 0, 0);
  claimants.see(3, says(1, 7), 0xff_ffff, 0);
  claimants.see(4, says(1, 7, Act.Ask, 9), -1, -1);
  claimants.see(5, says(1, 7, Act.Ask, -1, Family.Ipv6), -1, -1);
  claimants.see(6, says(NO_ADDRESS, 7, Act.Announce), -1, -1);
  claimants.see(7, says(1, 7), -1, -1);
  expect(claimants.list().map((one) => one.claimants[0]?.frames.frames)).toEqual([[1, 7], [2], [3], [4], [5]]);
});

it('keeps 16,384 addresses, goes on with those, and says that there were more', () => {
  const claimants = new Claimants(new Addresses(1));
  for (let address = 0; address < 16_384; address++) claimants.see(1, says(address, 7), -1, -1);
  expect(claimants.isComplete).toBe(true);
  claimants.see(2, says(16_384, 7), -1, -1);
  claimants.see(3, says(16_383, 8), -1, -1);
  expect(claimants.list()).toHaveLength(16_384);
  expect(claimants.list()[16_383]?.claimants).toHaveLength(2);
  expect(claimants.isComplete).toBe(false);
});
