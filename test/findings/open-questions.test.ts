/** Questions that stayed open, where a tap saw more addresses than are kept. */
import { expect, it } from 'vitest';
import { Act, AddressMessage } from '../../src/evidence/address-message.js';
import { Claimants } from '../../src/evidence/claimants.js';
import { Questions } from '../../src/evidence/questions.js';
import type { Facts } from '../../src/findings/facts.js';
import { openQuestions } from '../../src/findings/open-questions.js';
import { Addresses } from '../../src/inventory/addresses.js';

const MAX_ADDRESSES = 16_384;

/** A tap where one question stayed open, and so many addresses were claimed. */
function tapWith(claimed: number) {
  const addresses = new Addresses(1);
  const message = Object.assign(new AddressMessage(addresses), { act: Act.Ask, toGroup: true });
  const [questions, claimants] = [new Questions(addresses), new Claimants(addresses)];
  for (const timeNs of [0, 1e9]) questions.see(1, timeNs, Object.assign(message, { sender: -1, other: -2 }), -1, -1);
  for (let sender = 0; sender < claimed; sender++) claimants.see(1, Object.assign(message, { sender }), -1, -1);
  return { name: 'eth0', evidence: { questions, claimants } };
}
// The rest of the facts is not looked at.
const openAt = (...claimed: number[]) => openQuestions({ taps: claimed.map(tapWith) } as unknown as Facts);

it('there are none: any address may be one that was claimed', () => {
  expect(openAt(MAX_ADDRESSES)).toMatchObject([{ asker: '255.255.255.255', target: '255.255.255.254' }]);
  expect(openAt(MAX_ADDRESSES + 1)).toEqual([]);
  expect(openAt(0, MAX_ADDRESSES + 1)).toEqual([]);
});
