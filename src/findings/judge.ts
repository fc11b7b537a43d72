/**
 * From facts to findings: every rule judges, consequences are folded into their causes, the worst comes first.
 */
import { Causes } from './causes.js';
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
  const causes = new Map([...claims].map(([id, all]) => [id, new Causes(all)]));
  const isExplained = ({ consequenceOf = [] }: Rule, claim: Claim): boolean =>
    consequenceOf.some((id) => causes.get(id)?.concern(claim));
  const findings = rules
    .filter(({ id }) => !ignored.has(id))
    .flatMap((rule) =>
      (claims.get(rule.id) as Claim[])
        .filter((claim) => !isExplained(rule, claim))
        .map((claim) => findingOf(rule, claim)),
    );
  // Sorting is stable: within a severity the order of the rules stays.
  return findings.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function findingOf({ id }: Rule, { severity, message, evidence, fix }: Claim): Finding {
  return { id, severity, message, evidence, fix };
}
