/**
 * What a lab run gave, against what its scenario says must come out.
 */
import type { Analysis } from '../../analysis.js';
import { checkGolden } from '../../check-golden.js';
import { passed } from '../../golden/verdict.js';
import type { Scenario } from '../../lab/scenario.js';

/**
 * Holds a run against its scenario.
 *
 * @param output the folder of its captures
 * @returns a line for each expectation that was not met; empty where all were
 * @throws VxdumpError as `checkGolden`
 */
export async function compareWithExpected(scenario: Scenario, analysis: Analysis, output: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [tap, golden] of Object.entries(scenario.expect.goldens ?? {})) {
    const file = `${output}/${tap}.pcap`;
    if ((await checkGolden([file], golden)).every(passed)) continue;
    problems.push(`${tap} is not ${golden}: vxdump assert --golden ${golden} ${file}`);
  }
  const found = analysis.findings;
  for (const { id, severity } of scenario.expect.findings ?? []) {
    if (!found.some((finding) => finding.id === id && finding.severity === severity)) {
      problems.push(
        `expected the ${severity} ${id}; analyze reports ${found.map((each) => each.id).join(', ') || 'none'}`,
      );
    }
  }
  const keyOf = ({ id, severity }: { readonly id: string; readonly severity: string }): string => `${severity} ${id}`;
  const expected = new Set((scenario.expect.findings ?? []).map(keyOf));
  for (const each of new Set(found.filter(({ severity }) => severity !== 'info').map(keyOf))) {
    if (!expected.has(each)) problems.push(`not expected: the ${each}`);
  }
  return problems;
}
