/**
 * `ttl-asymmetry`: the two directions between two VTEPs pass different numbers of routers. It takes two taps on the way:
 * what is left of a TTL does not say what it was at first, and operating systems differ in that.
 */
import type { VtepPair } from '../../inventory/ways.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { sendersAt } from '../seen-senders.js';
import { plural } from '../wording.js';

/** What one tap saw of one direction. */
interface Passage {
  readonly tap: string;
  leastTtl: number;
  greatestTtl: number;
  /** The first frame. */
  readonly frame: number;
}

/** By direction between two VTEPs, whatever the VNI, a row for each tap that saw it. */
type Passages = Map<VtepPair, Passage[]>;

export const ttlAsymmetry: Rule = {
  id: 'ttl-asymmetry',
  title: 'The way back passes another number of routers',
  judge(facts: Facts): Claim[] {
    const taps = facts.taps.filter((tap) => sendersAt(tap).length > 0);
    const all: Passages = new Map();
    for (const tap of taps.length < 2 ? [] : taps) noteAt(facts, tap, all);
    return [...all].flatMap(([pair, passages]) => {
      const back = pair.back === null || pair.source > pair.destination ? undefined : all.get(pair.back);
      return back === undefined ? [] : compared(pair, passages, back);
    });
  },
};

function noteAt(facts: Facts, tap: TapFacts, all: Passages): void {
  for (const { row, leastTtl, greatestTtl, firstFrame } of sendersAt(tap)) {
    const { pair } = facts.ways.at(row);
    const passages = all.get(pair) ?? [];
    all.set(pair, passages);
    const known = passages.find((passage) => passage.tap === tap.name);
    if (known === undefined) {
      passages.push({ tap: tap.name, leastTtl, greatestTtl, frame: firstFrame });
    } else {
      known.leastTtl = Math.min(known.leastTtl, leastTtl);
      known.greatestTtl = Math.max(known.greatestTtl, greatestTtl);
    }
  }
}

/** The first two taps between which the directions differ. */
function compared(pair: VtepPair, out: readonly Passage[], back: readonly Passage[]): Claim[] {
  const both = out.flatMap((there) => {
    const again = back.find(({ tap }) => tap === there.tap);
    // A TTL that varies does not tell: there are several ways, or it is taken from the inner packet.
    return again !== undefined && isSteady(there) && isSteady(again) ? [{ there, again }] : [];
  });
  for (const [index, one] of both.entries()) {
    for (const other of both.slice(index + 1)) {
      const routers = one.there.leastTtl - other.there.leastTtl;
      const routersBack = other.again.leastTtl - one.again.leastTtl;
      // Each passes these two taps in its own order.
      if (routers === routersBack || routers * routersBack < 0) continue;
      return [
        claimOf(pair, [one.there, other.there, one.again, other.again], Math.abs(routers), Math.abs(routersBack)),
      ];
    }
  }
  return [];
}

function isSteady({ leastTtl, greatestTtl }: Passage): boolean {
  return leastTtl === greatestTtl;
}

function claimOf(
  { source, destination }: VtepPair,
  passages: readonly Passage[],
  routers: number,
  routersBack: number,
): Claim {
  const [one, other] = passages as [Passage, Passage];
  return {
    severity: 'info',
    message: `Between ${one.tap} and ${other.tap} frames from ${source} to ${destination} pass ${plural(routers, 'router')}, and those back ${routersBack}: the two ways differ.`,
    evidence: passages.map(({ tap, frame }) => ({ tap, frame })),
    fix: 'Nothing, if the underlay is meant to route the two ways apart; a stateful firewall on one of them, or a difference in MTU or latency, is the thing to look for: traceroute -n VTEP from both.',
    about: { vni: null, vteps: [source, destination] },
  };
}
