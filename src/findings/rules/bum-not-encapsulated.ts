/**
 * `bum-not-encapsulated`: what a VM broadcasts does not leave its host. Judged by requests that stayed open: what is
 * answered on the host, by its own switch too, need not leave it.
 */
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { type OpenQuestion, openQuestions } from '../open-questions.js';
import { firstFew, framesOf, MAX_EVIDENCE, plural } from '../wording.js';

export const bumNotEncapsulated: Rule = {
  id: 'bum-not-encapsulated',
  title: 'What a VM broadcasts does not leave its host',
  judge(facts: Facts): Claim[] {
    const stayed = new Map<TapFacts, OpenQuestion[]>();
    for (const open of openQuestions(facts)) {
      if (open.question.vni >= 0 || !hasStayed(facts, open)) continue;
      stayed.set(open.tap, [...(stayed.get(open.tap) ?? []), open]);
    }
    return [...stayed].map(([tap, questions]) => claimOf(facts, tap, questions));
  },
};

/** Whether no copy of a request was seen at the underlay tap of its own host, nor one of anything else from this tap. */
function hasStayed(facts: Facts, { tap, question, asker, target }: OpenQuestion): boolean {
  const own = ownUnderlay(facts, tap);
  if (own === undefined || own === tap || (own.frames === 0 && !own.isTimed)) return false;
  if (facts.bum.some(({ overlay, copies }) => overlay === tap.name && copies.length > 0)) return false;
  const { questions } = own.evidence;
  return !questions
    .list()
    .some(
      (sent) =>
        sent.vni >= 0 &&
        sent.askerMac === question.askerMac &&
        questions.asker(sent) === asker &&
        questions.target(sent) === target,
    );
}

function ownUnderlay(facts: Facts, { name }: TapFacts): TapFacts | undefined {
  const underlay = facts.ownUnderlay.get(name);
  return facts.taps.find((tap) => tap.name === underlay);
}

function claimOf(facts: Facts, tap: TapFacts, open: readonly OpenQuestion[]): Claim {
  const own = ownUnderlay(facts, tap) as TapFacts;
  const rows = facts.bum.filter(({ overlay }) => overlay === tap.name);
  const vni = rows[0]?.vni ?? null;
  const missing = [...new Set(rows.flatMap((row) => row.missing))];
  const count = open.reduce((sum, { question }) => sum + question.rounds, 0);
  const asked = open.map(({ asker, target }) => `${asker} for ${target}`);
  const isProven =
    own.isTimed ||
    facts.pairings.some(
      ({ overlay, underlay, overlayOnly, unproven }) =>
        overlay === tap.name && underlay === own.name && overlayOnly > 0 && unproven === 0,
    );
  const inVni = vni === null ? '' : ` of VNI ${vni}`;
  const lacking = missing.length === 0 ? '' : `, and none went to ${firstFew(missing)}`;
  return {
    severity: 'error',
    message: `None of ${plural(count, 'request')}${inVni} at ${tap.name} was encapsulated at ${own.name} (${firstFew(asked)})${lacking}; ${isProven ? '' : `${own.name} is not shown to have captured at the time, so `}likely the VTEP has no flood list.`,
    evidence: open.flatMap(({ question }) => framesOf(tap.name, question.frames)).slice(0, MAX_EVIDENCE),
    fix: 'Look at the flood list of the VTEP there: bridge fdb show dev VXLAN (00:00:00:00:00:00 with a dst each), vtep-ctl list-remote-macs SWITCH (unknown-dst), or the multicast group.',
    about: { vni, vteps: [] },
  };
}
