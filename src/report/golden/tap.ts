/**
 * Verdicts as TAP 14: a test point for each golden and capture, the diff as its YAML block.
 */

import { type GoldenResult, passed } from '../../golden/verdict.js';
import { prettyGolden } from './pretty.js';
import { divergenceText } from './result.js';

/** The stream. */
export function tapGolden(results: readonly GoldenResult[]): string {
  const lines = ['TAP version 14', `1..${results.length}`];
  for (const [index, result] of results.entries()) {
    const good = passed(result);
    lines.push(`${good ? 'ok' : 'not ok'} ${index + 1} - ${description(`${result.golden.name}: ${result.path}`)}`);
    if (good) continue;
    const message = [divergenceText(result.verdict), ...result.problems].filter((text) => text !== null).join('; ');
    const diff = prettyGolden([result], { color: false }).trimEnd().split('\n');
    lines.push('  ---', `  message: ${JSON.stringify(message)}`, '  severity: fail', '  diff: |2');
    lines.push(...diff.map((line) => `      ${line}`), '  ...');
  }
  return `${lines.join('\n')}\n`;
}

/** A description is one line, and its `#` no directive. */
function description(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('#', '\\#')
    .replace(/[\r\n]+/g, ' ');
}
