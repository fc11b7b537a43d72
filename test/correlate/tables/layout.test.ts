/** Where the tables of pairing lie: one behind the other, with room for all that each may hold. */
import { expect, test } from 'vitest';
import { MAX_RECORDS } from '../../../src/assembly/layout.js';
import { IDENTITY_WORDS } from '../../../src/correlate/identity/identity.js';
import { STRIDE, WORDS } from '../../../src/correlate/identity/plain-record.js';
import * as tables from '../../../src/correlate/tables/layout.js';
import { MAX_NUMBERED } from '../../../src/correlate/taps/tunnels.js';

const { MAX_TRAILS } = tables;
const slots = (MAX_TRAILS * tables.SLOTS_PER_PLACE) << tables.SLOT_SHIFT;
/** Where each begins, and its bytes. */
const ALL: [at: number, bytes: number][] = [
  [0, tables.COUNTS * 4],
  [tables.TIMES_AT, tables.TIMES * 8],
  [tables.RING_AT, MAX_TRAILS * 4],
  [tables.CLOCKS_AT, MAX_TRAILS * 8],
  [tables.DONE_AT, MAX_TRAILS * 4],
  [tables.OUTLINES_AT, MAX_TRAILS * tables.OUTLINE * 4],
  [tables.CONNECTIONS_AT, MAX_TRAILS * 4],
  [tables.KEY_SLOTS_AT, slots * 4],
  [tables.SPAN_SLOTS_AT, slots * 4],
  [tables.FREE_PLACES_AT, MAX_TRAILS * 4],
  [tables.FREE_LINES_AT, (tables.MAX_SIGHTINGS / tables.LINE) * 4],
  [tables.FLOWS_AT, ((tables.MAX_FLOWS * 2) << tables.FLOW_SHIFT) * 4],
  [tables.SIGHTINGS_AT, (tables.MAX_SIGHTINGS << tables.SIGHTING_SHIFT) * 4],
  [tables.RECORDS_AT, MAX_TRAILS * tables.RECORD * 4],
  [tables.QUEUES_AT, tables.QUEUE_BYTES * 2],
  [tables.PAIRS_AT, tables.MAX_PAIRS * tables.PAIR * 4],
  [tables.SENDERS_AT, tables.MAX_SENDERS * 4],
  [tables.WAYS_AT, tables.MAX_TUNNELS],
  [tables.RUN_AT, tables.RUN_COUNTS * 4],
  [tables.RUN_TIMES_AT, tables.RUN_TIMES * 8],
];

test('no table reaches into the next one', () => {
  for (const [index, [at, bytes]] of ALL.entries()) {
    const next = ALL[index + 1]?.[0] ?? tables.TABLES_END;
    expect(at + bytes, `${index}`).toBeLessThanOrEqual(next);
    expect(at % 8, `${index}`).toBe(0);
  }
});

test('what lies in them has its size', () => {
  expect(tables.RECORD - tables.WORDS).toBe(IDENTITY_WORDS);
  expect(STRIDE - WORDS).toBe(IDENTITY_WORDS);
  expect(tables.QUEUE_LEN).toBe(MAX_RECORDS);
  expect(tables.QUEUE_BYTES).toBe(tables.QUEUE_LEN * STRIDE * 4);
  expect(tables.MAX_TUNNELS).toBe(MAX_NUMBERED);
});
