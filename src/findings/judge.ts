/**
 * From facts to findings: every rule judges, consequences are folded into their causes, the worst comes first.
 */
import type { Facts } from './facts.js';
import { type Claim, type Finding, type Rule, SEVERITIES } from './finding.js';
import { RULES } from './registry.js';

/**
 * All that is wrong or worth knowing.
 *
 * @param facts what the pass found
 * @param ignored ids that are not to be told; what they explain is told no more for it
 * @param rules those of the registry unless told
 * @returns worst first, then in the order of the rules
 */
export function judge(facts: Facts, ignored: ReadonlySet<string> = new Set(), rules = RULES): Finding[] {
  const claims = new Map<string, Claim[]>(rules.map((rule) => [rule.id, rule.judge(facts)]));
  const findings = rules
    .filter(({ id }) => !ignored.has(id))
    .flatMap((rule) =>
      (claims.get(rule.id) as Claim[])
        .filter((claim) => !isExplained(rule, claim, claims))
        .map((claim) => findingOf(rule, claim)),
    );
  // Sorting is stable: within a severity the order of the rules stays.
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function isExplained(rule: Rule, claim: Claim, claims: ReadonlyMap<string, readonly Claim[]>): boolean {
  return (rule.consequenceOf ?? []).some((id) => claims.get(id)?.some((cause) => concerns(cause, claim)));
}

/** Whether two claims are about the same: what one leaves open, the other may say. */
function concerns({ about: a }: Claim, { about: b }: Claim): boolean {
  const sameVni = a.vni === null || b.vni === null || a.vni === b.vni;
  const sameVteps = a.vteps.length === 0 || b.vteps.length === 0 || a.vteps.some((vtep) => b.vteps.includes(vtep));
  return sameVni && sameVteps;
}

function findingOf({ id }: Rule, { severity, message, evidence, fix }: Claim): Finding {
  return { id, severity, message, evidence, fix };
}
