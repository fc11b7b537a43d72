/**
 * `neighbour-unresolved`: the underlay asks for a VTEP's address, asks again, and no answer comes: nothing can be sent
 * there.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { type OpenQuestion, openQuestions } from '../open-questions.js';
import { sendersAt } from '../seen-senders.js';
import { duration, framesOf, MAX_EVIDENCE, plural } from '../wording.js';

export const neighbourUnresolved: Rule = {
  id: 'neighbour-unresolved',
  title: "No answer to the underlay's request for a VTEP's address",
  judge(facts: Facts): Claim[] {
    const vteps = new Set([...facts.vteps.map(({ address }) => address), ...facts.givenVteps]);
    const byPair = new Map<string, OpenQuestion[]>();
    for (const open of openQuestions(facts)) {
      const { question, asker, target, tap } = open;
      if (question.vni >= 0 || tap.role === 'overlay' || !vteps.has(asker) || !vteps.has(target)) continue;
      if (wasReached(facts, open)) continue;
      const key = `${asker} ${target}`;
      byPair.set(key, [...(byPair.get(key) ?? []), open]);
    }
    return [...byPair.values()].map(claimOf);
  },
};

/** Whether the asker sent to the VTEP after it had asked: then it knew the address after all. */
function wasReached(facts: Facts, { tap, question, asker, target }: OpenQuestion): boolean {
  return sendersAt(tap).some(({ row, lastNs }) => {
    const { source, destination } = facts.ways.at(row);
    return source === asker && destination === target && lastNs >= question.firstNs;
  });
}

function claimOf(open: readonly OpenQuestion[]): Claim {
  const { question, asker, target } = open.reduce((most, other) =>
    other.question.rounds > most.question.rounds ? other : most,
  );
  const taps = open.map(({ tap }) => tap.name).join(', ');
  return {
    severity: 'error',
    message: `${asker} asked for the VTEP ${target} ${plural(question.rounds, 'time')} in ${duration(question.lastNs - question.firstNs)} and got no answer (${taps}): it can send nothing there.`,
    evidence: open.flatMap(({ tap, question: { frames } }) => framesOf(tap.name, frames)).slice(0, MAX_EVIDENCE),
    fix: 'See whether the VTEP is up and in this subnet (ip neigh show, ip route get ADDRESS), and whether the request reaches it (tcpdump -ni DEV arp or icmp6).',
    about: { vni: null, vteps: [asker, target] },
  };
}
