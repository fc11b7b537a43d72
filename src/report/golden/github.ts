/**
 * Verdicts as GitHub Actions workflow commands: an error annotation for each failure.
 */

import { type GoldenResult, passed } from '../../golden/verdict.js';
import { prettyGolden } from './pretty.js';

/** The commands, and a line for what passes. */
export function githubGolden(results: readonly GoldenResult[]): string {
  return results
    .map((result) => {
      const title = `${result.golden.name}: ${result.path}`;
      if (passed(result)) return `${data(`PASS ${title}`).replaceAll('::', ':%3A')}\n`;
      const text = prettyGolden([result], { color: false }).trimEnd();
      return `::error file=${property(result.path)},title=${property(title)}::${data(text)}\n`;
    })
    .join('');
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
