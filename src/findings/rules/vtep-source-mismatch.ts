/**
 * `vtep-source-mismatch`: the address that a VTEP sends from is not the one that its peers send to. It shows by requests:
 * a VTEP that got no copy answers, while one that got a copy never sends.
 */

import type { FrameReference } from '../../correlate/report/correlation.js';
import type { Answer, Question } from '../../evidence/question.js';
import { isGroupMac } from '../../wire/address.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { once } from '../once.js';
import { receiversAt, sendersAt, vtepsOf } from '../seen-senders.js';
import { framesOf, listed, MAX_EVIDENCE, plural } from '../wording.js';

/** One request alone may have a copy that the tap missed. */
const LEAST_REQUESTS = 2;

interface Mismatch {
  readonly source: string;
  /** Addresses of which one is likely the same VTEP's. */
  readonly silent: readonly string[];
  readonly vnis: Set<number>;
  /** Answered requests, by tap. */
  readonly requests: Map<string, number>;
  readonly evidence: FrameReference[];
}

export const vtepSourceMismatch: Rule = {
  id: 'vtep-source-mismatch',
  title: 'A VTEP sends from another address than its peers send to',
  judge(facts: Facts): Claim[] {
    const mismatches = new Map<string, Mismatch>();
    for (const tap of facts.taps) {
      for (const question of tap.evidence.questions.list()) {
        for (const answer of question.answers) {
          const ends = endsOf(facts, question, answer);
          if (ends === null || knownVteps(facts).has(ends.source)) continue;
          // A node that replicates for others is silent and gets the only copy: then the answer must have been of no use.
          const isLost = question.again > 0 || macsSentTo(tap).has(answer.mac);
          if (!ends.othersSend && (vtepsOf(facts).receivers.has(ends.source) || !isLost)) continue;
          note(mismatches, tap.name, ends, question, answer);
        }
      }
    }
    const answering = new Map<string, Set<string>>();
    for (const { source, silent } of mismatches.values()) {
      for (const vtep of silent) answering.set(vtep, (answering.get(vtep) ?? new Set()).add(source));
    }
    return (
      [...mismatches.values()]
        .filter(({ requests }) => Math.max(...requests.values()) >= LEAST_REQUESTS)
        // More that answer than are silent: one of the silent replicates for them.
        .filter(({ silent }) => silent.every((vtep) => (answering.get(vtep)?.size ?? 0) <= silent.length))
        .map(claimOf)
    );
  },
};

/** Who answered without a copy, and who got a copy and never sends. */
interface Ends {
  readonly source: string;
  readonly silent: readonly string[];
  /** Whether another that got a copy does send, so that copies are made by who asks. */
  readonly othersSend: boolean;
}

/** Null where they were bare or too late, or do not tell who should have answered. */
function endsOf(facts: Facts, { rows }: Question, { row, rounds }: Answer): Ends | null {
  if (row < 0 || rounds.length === 0) return null;
  const asked = rows.map((askedRow) => facts.ways.at(askedRow));
  const { source, destination } = facts.ways.at(row);
  if (source === destination || asked.some((question) => question.source !== destination)) return null;
  if (asked.some(({ pair }) => pair.isToGroup)) return null;
  const copies = [...new Set(asked.map((question) => question.destination))];
  const { senders } = vtepsOf(facts);
  const silent = copies.filter((copy) => !senders.has(copy));
  return silent.length === 0 ? null : { source, silent, othersSend: silent.length < copies.length };
}

/** VTEPs whose address their peers know: at some tap they were sent to before they sent, or get what is for groups. */
const knownVteps = once(({ taps, ways }: Facts): ReadonlySet<string> => {
  const known = new Set<string>();
  for (const tap of taps) {
    const sends = new Map<string, number>();
    for (const { row, firstFrame } of sendersAt(tap)) {
      const { source } = ways.at(row);
      sends.set(source, Math.min(sends.get(source) ?? firstFrame, firstFrame));
    }
    for (const { row, firstFrame } of sendersAt(tap)) {
      const { destination } = ways.at(row);
      if (firstFrame < (sends.get(destination) ?? Number.POSITIVE_INFINITY)) known.add(destination);
    }
    for (const { row, mac } of receiversAt(tap)) if (isGroupMac(mac)) known.add(ways.at(row).destination);
  }
  return known;
});

/** MACs that a tap saw frames for. */
const macsSentTo = once((tap: TapFacts) => new Set(receiversAt(tap).map(({ mac }) => mac)));

function note(
  mismatches: Map<string, Mismatch>,
  tap: string,
  { source, silent }: Ends,
  { vni, frames: asks }: Question,
  { rounds, frames }: Answer,
): void {
  const key = `${source} ${silent.join()}`;
  const fresh: Mismatch = { source, silent, vnis: new Set(), requests: new Map(), evidence: [] };
  const mismatch = mismatches.get(key) ?? fresh;
  mismatches.set(key, mismatch);
  mismatch.vnis.add(vni);
  mismatch.requests.set(tap, (mismatch.requests.get(tap) ?? 0) + rounds.length);
  const shown = [...asks, ...frames.frames].sort((a, b) => a - b);
  mismatch.evidence.push(...framesOf(tap, shown).slice(0, MAX_EVIDENCE - mismatch.evidence.length));
}

function claimOf({ source, silent, vnis, requests, evidence }: Mismatch): Claim {
  const [vni] = vnis;
  const where = vnis.size === 1 ? `VNI ${vni}` : plural(vnis.size, 'VNI');
  const answered = plural(Math.max(...requests.values()), 'request');
  const got = silent.length === 1 ? 'which got one, never sends' : 'which got them, never send';
  return {
    severity: 'warning',
    message: `${source} answered ${answered} in ${where} without a copy of its own, while ${listed(silent)}, ${got}: likely one VTEP, which sends from ${source} and is sent to at ${silent.length === 1 ? silent[0] : 'one of these'}.`,
    evidence,
    fix: `Give that VTEP the local address that its peers send to (ip link add … type vxlan … local ADDRESS; options:local_ip in Open vSwitch), or give its peers ${source} as its address.`,
    about: { vni: vnis.size === 1 ? (vni as number) : null, vteps: [source, ...silent] },
  };
}
