/**
 * What a lab run gave, against what its scenario says must come out.
 */
import type { Analysis } from '../analysis.js';
import type { Scenario } from '../lab/scenario.js';

/** @returns a line for each expectation that was not met, or could not be checked; empty where all were */
export async function compareWithExpected(scenario: Scenario, analysis: Analysis, _output: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [tap, golden] of Object.entries(scenario.expect.goldens ?? {})) {
    problems.push(`${tap}: golden ${golden} was not checked: this version has no golden sequences yet`);
  }
  const found = analysis.findings as readonly { readonly id: string; readonly severity: string }[];
  for (const { id, severity } of scenario.expect.findings ?? []) {
    if (!found.some((finding) => finding.id === id && finding.severity === severity)) {
      problems.push(
        `expected the ${severity} ${id}; analyze reports ${found.map((each) => each.id).join(', ') || 'none'}`,
      );
    }
  }
  const expected = new Set((scenario.expect.findings ?? []).map(({ id }) => id));
  for (const { id, severity } of found) {
    if (severity !== 'info' && !expected.has(id)) problems.push(`not expected: the ${severity} ${id}`);
  }
  return problems;
}
