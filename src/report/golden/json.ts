/**
 * Verdicts as JSON, schema `vxdump.assertion/1`: `sequences` has for each capture what an analysis calls `sequence`.
 */
import { type GoldenResult, passed, sequenceVerdict } from '../../golden/verdict.js';

/** The document, its line end included. */
export function jsonGolden(results: readonly GoldenResult[]): string {
  const document = {
    schema: 'vxdump.assertion/1',
    verdict: results.every(passed) ? 'pass' : 'fail',
    sequences: results.map(({ golden, path, verdict, problems }) => ({
      ...sequenceVerdict(golden.name, verdict),
      path,
      problems,
    })),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
