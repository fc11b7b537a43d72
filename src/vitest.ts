/**
 * Matchers for vitest: `import 'vxdump/vitest'`, then `await expect('eth0.pcap').toMatchGolden('six-packet')`.
 */
import { expect } from 'vitest';
import { analyze } from './analyze.js';
import { checkGolden } from './check-golden.js';
import { passed } from './golden/verdict.js';
import { prettyGolden } from './report/golden/pretty.js';

interface Matchers<R> {
  /** Whether a capture, or several, whole and with frames, match a golden: the name of one that ships, or a file. Await it. */
  toMatchGolden(golden: string): Promise<R>;
  /** Whether an analysis of a capture, or of several, finds exactly these, by id and in any order. Await it. */
  toHaveFindings(ids: readonly string[]): Promise<R>;
}

declare module 'vitest' {
  // biome-ignore lint/suspicious/noExplicitAny: merging wants vitest's own signature.
  interface Matchers<T = any> extends VxdumpMatchers<T> {}
}

type VxdumpMatchers<R> = Matchers<R>;

expect.extend({
  async toMatchGolden(captures: string | readonly string[], golden: string) {
    const results = await checkGolden([captures].flat(), golden);
    // What `vxdump assert` exits with 3 and 4 for is no pass either.
    const faults = results.flatMap(({ path, cut }) => (cut === null ? [] : `${path}: ${cut}\n`));
    if (results.every(({ verdict }) => verdict.frames === 0))
      faults.push('nothing to test: no frame in the captures\n');
    return {
      pass: faults.length === 0 && results.every(passed),
      message: () => prettyGolden(results, { color: false }) + faults.join(''),
    };
  },
  async toHaveFindings(captures: string | readonly string[], ids: readonly string[]) {
    const { findings } = await analyze([captures].flat());
    const found = [...new Set(findings.map(({ id }) => id))].sort();
    const wanted = [...new Set(ids)].sort();
    return {
      pass: this.equals(found, wanted),
      message: () => `findings: expected ${wanted.join(', ') || 'none'}, actual ${found.join(', ') || 'none'}`,
      actual: found,
      expected: wanted,
    };
  },
});
