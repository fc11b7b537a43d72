/**
 * `ttl-asymmetry`: the two directions between two VTEPs pass different numbers of routers. It takes two taps on the way:
 * what is left of a TTL does not say what it was at first, and operating systems differ in that.
 */
import type { Facts, TapFacts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { sendersAt } from './seen-senders.js';
import { plural } from './wording.js';

/** What one tap saw of one direction. */
interface Passage {
  readonly tap: string;
  leastTtl: number;
  greatestTtl: number;
  /** The first frame. */
  readonly frame: number;
}

/** One direction between two VTEPs, whatever the VNI: a row for each tap that saw it. */
interface Direction {
  readonly source: string;
  readonly destination: string;
  readonly passages: Passage[];
}

export const ttlAsymmetry: Rule = {
  id: 'ttl-asymmetry',
  title: 'The way back passes another number of routers',
  judge(facts: Facts): Claim[] {
    const directions = new Map<string, Direction>();
    for (const tap of facts.taps) noteAt(facts, tap, directions);
    return [...directions.values()].flatMap((direction) => {
      const { source, destination } = direction;
      const back = directions.get(`${destination} ${source}`);
      return back === undefined || source > destination ? [] : compared(direction, back);
    });
  },
};

function noteAt(facts: Facts, tap: TapFacts, directions: Map<string, Direction>): void {
  for (const { source, destination, leastTtl, greatestTtl, firstFrame } of sendersAt(facts, tap)) {
    const key = `${source} ${destination}`;
    const direction = directions.get(key) ?? { source, destination, passages: [] };
    directions.set(key, direction);
    const known = direction.passages.find((passage) => passage.tap === tap.name);
    if (known === undefined) {
      direction.passages.push({ tap: tap.name, leastTtl, greatestTtl, frame: firstFrame });
    } else {
      known.leastTtl = Math.min(known.leastTtl, leastTtl);
      known.greatestTtl = Math.max(known.greatestTtl, greatestTtl);
    }
  }
}

/** The first two taps between which the directions differ. */
function compared(out: Direction, back: Direction): Claim[] {
  const both = out.passages.flatMap((there) => {
    const again = back.passages.find(({ tap }) => tap === there.tap);
    // A TTL that varies does not tell: there are several ways, or it is taken from the inner packet.
    return again !== undefined && isSteady(there) && isSteady(again) ? [{ there, again }] : [];
  });
  for (const [index, one] of both.entries()) {
    for (const other of both.slice(index + 1)) {
      const routers = one.there.leastTtl - other.there.leastTtl;
      const routersBack = other.again.leastTtl - one.again.leastTtl;
      // Each passes these two taps in its own order.
      if (routers === routersBack || routers * routersBack < 0) continue;
      return [claimOf(out, [one.there, other.there, one.again, other.again], Math.abs(routers), Math.abs(routersBack))];
    }
  }
  return [];
}

function isSteady({ leastTtl, greatestTtl }: Passage): boolean {
  return leastTtl === greatestTtl;
}

function claimOf(
  { source, destination }: Direction,
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
