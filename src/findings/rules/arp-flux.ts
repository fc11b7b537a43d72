/**
 * `arp-flux`: one request is answered by two MACs through one VTEP. A host that answers for all of its addresses at all
 * of its interfaces does so, as a Linux bridge with an address in the VMs' subnet.
 */
import type { FrameReference } from '../../correlate/report/correlation.js';
import type { Answer, Question } from '../../evidence/question.js';
import { macText } from '../../wire/address.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { once } from '../once.js';
import { framesOf, MAX_EVIDENCE, plural } from '../wording.js';

/** An address that a host answers for more than once. */
export interface Flux {
  readonly vni: number;
  readonly vtep: string;
  readonly target: string;
  readonly macs: Set<string>;
  /** Requests answered twice, at the tap that saw most of them. */
  rounds: number;
  readonly evidence: FrameReference[];
}

export const arpFlux: Rule = {
  id: 'arp-flux',
  title: 'Two MACs answer one request through one VTEP',
  judge(facts: Facts): Claim[] {
    return fluxesOf(facts).map(({ vni, vtep, target, macs, rounds, evidence }) => ({
      severity: 'warning',
      message: `${plural(rounds, 'request')} for ${target} in VNI ${vni} got answers from ${macs.size} MACs through ${vtep}: ${[...macs].join(', ')}; likely a bridge or another interface of the host there answers as well.`,
      evidence: evidence.slice(0, MAX_EVIDENCE),
      fix: 'Make the host answer only for addresses of the interface that was asked: sysctl net.ipv4.conf.all.arp_ignore=1 (and arp_announce=2), or take the address off the bridge.',
      about: { vni, vteps: [vtep] },
    }));
  },
};

/** All of them. **Cost** allocates once: two rules ask. */
export const fluxesOf = once((facts: Facts): readonly Flux[] => {
  const fluxes = new Map<string, Flux>();
  for (const tap of facts.taps) {
    for (const question of tap.evidence.questions.list()) {
      if (question.vni >= 0 && question.answers.length > 1) note(facts, tap, question, fluxes);
    }
  }
  return [...fluxes.values()];
});

function note(facts: Facts, tap: TapFacts, question: Question, fluxes: Map<string, Flux>): void {
  const { answers, vni } = question;
  for (const [index, first] of answers.entries()) {
    for (const second of answers.slice(index + 1)) {
      const shared = sharedRounds(first, second);
      if (first.mac === second.mac || shared === 0) continue;
      const vtep = facts.ways.at(first.row).source;
      if (facts.ways.at(second.row).source !== vtep) continue;
      const target = tap.evidence.questions.target(question);
      const key = `${vni} ${vtep} ${target}`;
      const flux = fluxes.get(key) ?? { vni, vtep, target, macs: new Set(), rounds: 0, evidence: [] };
      fluxes.set(key, flux);
      flux.macs.add(macText(first.mac)).add(macText(second.mac));
      flux.rounds = Math.max(flux.rounds, shared);
      const frames = [...first.frames.frames, ...second.frames.frames].sort((a, b) => a - b);
      flux.evidence.push(...framesOf(tap.name, frames));
    }
  }
}

/** How many rounds of a question two answered. */
export function sharedRounds(a: Answer, b: Answer): number {
  return a.rounds.filter((round) => b.rounds.includes(round)).length;
}
