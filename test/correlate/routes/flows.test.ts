import { expect, test } from 'vitest';
import { Flows } from '../../../src/correlate/routes/flows.js';
import { PairingMemory } from '../../../src/correlate/tables/memory.js';
import { MAX_PROBES } from '../../../src/inventory/open-addressing.js';
import { wordFor } from '../../helpers/meeting.js';

/** Where the addresses are in an identity's words; all others are 0: of such a frame only they and the tunnel tell. */
const ADDRESSES = 7;

function flowOf(flows: Flows, addresses: number, tunnel: number): number {
  const words = new Int32Array(ADDRESSES + 10);
  words[ADDRESSES] = addresses;
  return flows.of(words, 0, 0, 0, tunnel);
}

test('flows that were chosen to meet have no place beyond the first, and take none from others', () => {
  const flows = new Flows(new PairingMemory());
  const meeting = (addresses: number): number =>
    flowOf(flows, addresses, wordFor(0x85ebca6b, Math.imul(addresses, 0x9e3779b1)));
  for (let addresses = 0; addresses < 1_000; addresses++) {
    expect(meeting(addresses) < 0).toBe(addresses >= MAX_PROBES);
  }
  const others = Array.from({ length: 4_000 }, (_, tunnel) => flowOf(flows, -1, tunnel + 1));
  expect(others.filter((flow) => flow < 0).length).toBeLessThan(20);
  const known = Array.from({ length: MAX_PROBES }, (_, addresses) => meeting(addresses));
  expect(new Set([...known, ...others.filter((flow) => flow >= 0)]).size).toBeGreaterThan(MAX_PROBES + 3_980);
  known.forEach((flow, number) => {
    expect(flows.isLate(flow, 10 + number)).toBe(false);
  });
  expect(known.map((flow, number) => flows.isLate(flow, 9 + number))).toEqual(known.map(() => true));
});
