/**
 * `bum-missing-vtep`: a VTEP floods a network, but not to every VTEP of it. Judged at the flooding VTEP's own tap alone:
 * any other sees the copies that come its way. Broadcasts are counted: multicast may be forwarded to listeners only.
 */
import type { SeenReceiver } from '../../evidence/receivers.js';
import type { Way } from '../../inventory/ways.js';
import { BROADCAST } from '../addresses.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { isAt } from '../local-vteps.js';
import { receiversAt, sendersAt } from '../seen-senders.js';
import { firstFew, framesOf, MAX_EVIDENCE, plural } from '../wording.js';

/** A flood list may lag behind a VTEP that is new, and a MAC is used before it; so may a copy behind the others, ns. */
const SETTLED_NS = 1e9;

/** Broadcasts that went one way. */
interface Copy {
  readonly way: Way;
  readonly receiver: SeenReceiver;
}

/** The broadcasts of one VTEP in one VNI, at one tap. */
interface Flood {
  readonly vni: number;
  readonly source: string;
  readonly copies: Copy[];
}

export const bumMissingVtep: Rule = {
  id: 'bum-missing-vtep',
  title: 'A VTEP gets no copy of what is flooded',
  consequenceOf: ['bum-not-encapsulated'],
  judge(facts: Facts): Claim[] {
    const claims = new Map<string, Claim>();
    for (const tap of facts.taps) {
      for (const flood of floodsAt(facts, tap)) {
        const key = `${flood.vni} ${flood.source}`;
        const missing = claims.has(key) || !isWhole(facts, tap, flood) ? [] : missingIn(facts, tap, flood);
        if (missing.length > 0) claims.set(key, claimOf(tap, flood, missing));
      }
    }
    return [...claims.values()];
  },
};

/** What VTEPs broadcast, as a tap saw it. */
function floodsAt(facts: Facts, tap: TapFacts): Flood[] {
  const floods = new Map<string, Flood>();
  for (const receiver of receiversAt(tap)) {
    if (receiver.mac !== BROADCAST) continue;
    const way = facts.ways.at(receiver.row);
    const { vni, source } = way;
    const key = `${vni} ${source}`;
    const flood = floods.get(key) ?? { vni, source, copies: [] };
    floods.set(key, flood);
    flood.copies.push({ way, receiver });
  }
  return [...floods.values()];
}

/** Whether it goes to each of its peers, no group among these, and is shown to be whole. */
function isWhole(facts: Facts, tap: TapFacts, { source, copies }: Flood): boolean {
  return (
    copies.every(({ way }) => !way.pair.isToGroup) &&
    // The first copies of one broadcast, a moment before a capture ends, do not show that there were no more: one may wait
    // for its VTEP's address.
    ([...countsByVtep(copies).values()].some((frames) => frames > 1) ||
      copies.every(({ receiver }) => receiver.lastNs <= tap.evidence.clock.timeNs - SETTLED_NS)) &&
    isAt(facts, tap, source)
  );
}

/** VTEPs of the VNI that were there before the last broadcast, and never got one. */
function missingIn(facts: Facts, tap: TapFacts, { vni, source, copies }: Flood): string[] {
  const lastNs = Math.max(...copies.map(({ receiver }) => receiver.lastNs));
  const expected = new Set(facts.givenVteps);
  for (const other of facts.taps) {
    for (const { row, firstNs } of sendersAt(other)) {
      const way = facts.ways.at(row);
      const isThere = way.vni === vni && firstNs <= lastNs - SETTLED_NS && !way.pair.isToGroup;
      if (isThere) expected.add(way.destination);
    }
  }
  expected.delete(source);
  for (const { way } of copies) expected.delete(way.destination);
  for (const vtep of answering(facts, tap, vni, source)) expected.delete(vtep);
  return [...expected];
}

/** VTEPs from which questions that one VTEP flooded were answered: somebody else passed them on. */
function answering(facts: Facts, tap: TapFacts, vni: number, source: string): string[] {
  return tap.evidence.questions
    .list()
    .filter((question) => question.vni === vni && question.rows.some((row) => facts.ways.at(row).source === source))
    .flatMap(({ answers }) => answers.filter(({ row, rounds }) => row >= 0 && rounds.length > 0))
    .map(({ row }) => facts.ways.at(row).source);
}

/** Broadcasts that went to each VTEP. */
function countsByVtep(copies: readonly Copy[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { way, receiver } of copies) {
    counts.set(way.destination, (counts.get(way.destination) ?? 0) + receiver.frames);
  }
  return counts;
}

function claimOf(tap: TapFacts, { vni, source, copies }: Flood, missing: readonly string[]): Claim {
  const told = [...countsByVtep(copies)].map(([vtep, frames]) => `${plural(frames, 'broadcast')} to ${vtep}`);
  const frames = copies.flatMap(({ receiver }) => [receiver.firstFrame, receiver.lastFrame]);
  return {
    severity: 'error',
    message: `${source} sent ${firstFew(told)} in VNI ${vni} at ${tap.name}, and none to ${firstFew(missing)}; likely its flood list lacks ${missing.length === 1 ? 'that VTEP' : 'these VTEPs'}.`,
    evidence: framesOf(
      tap.name,
      [...new Set(frames)].sort((a, b) => a - b),
    ).slice(0, MAX_EVIDENCE),
    fix: `Add ${firstFew(missing)} to the flood list of ${source}: bridge fdb append 00:00:00:00:00:00 dev VXLAN dst VTEP, vtep-ctl add-mcast-remote SWITCH unknown-dst VTEP; with EVPN, find out why its multicast route (type 3) is absent.`,
    about: { vni, vteps: [source, ...missing] },
  };
}
