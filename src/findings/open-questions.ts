/**
 * Questions for addresses that stayed open: asked, asked again soon after, and answered at no tap.
 */
import type { Question } from '../evidence/question.js';
import type { Facts, TapFacts } from './facts.js';
import { once } from './once.js';

/** A question that stayed open, at one tap. */
export interface OpenQuestion {
  readonly tap: TapFacts;
  readonly question: Question;
  readonly asker: string;
  readonly target: string;
}

/** All of them. An address that claims itself anywhere in the same network, as by an answer, is there. */
export const openQuestions = once((facts: Facts): readonly OpenQuestion[] => {
  // By address, the VNIs where it claims itself; -1 is bare, so may be any of them.
  const claimed = new Map<string, Set<number>>();
  for (const { evidence } of facts.taps) {
    for (const address of evidence.claimants.list()) {
      const text = evidence.claimants.text(address);
      claimed.set(text, (claimed.get(text) ?? new Set()).add(address.vni));
    }
  }
  // Among more addresses than were kept any may be.
  const isComplete = facts.taps.every(({ evidence }) => evidence.claimants.isComplete);
  const isThere = (vni: number, address: string): boolean => {
    const vnis = claimed.get(address);
    return vnis !== undefined && (vni < 0 || vnis.has(vni) || vnis.has(-1));
  };
  const open: OpenQuestion[] = [];
  for (const tap of isComplete ? facts.taps : []) {
    const { questions } = tap.evidence;
    for (const question of questions.list()) {
      if (question.again === 0) continue;
      const target = questions.target(question);
      if (!isThere(question.vni, target)) open.push({ tap, question, asker: questions.asker(question), target });
    }
  }
  return open;
});
