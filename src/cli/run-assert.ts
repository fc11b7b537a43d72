/**
 * The work of `vxdump assert`. Imported when it runs: the command tree is to be quick.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { nameOf } from '../capture/file/bytes-in.js';
import { nameTaps } from '../capture/tap.js';
import { refuseSameFile } from '../capture/write/output-file.js';
import { checkGolden } from '../check-golden.js';
import { VxdumpError } from '../errors.js';
import { printable } from '../fields/text.js';
import { type GoldenResult, passed } from '../golden/verdict.js';
import { githubGolden } from '../report/golden/github.js';
import { jsonGolden } from '../report/golden/json.js';
import { junitGolden } from '../report/golden/junit.js';
import { prettyGolden } from '../report/golden/pretty.js';
import { tapGolden } from '../report/golden/tap.js';
import type { AssertFlags, Reporter } from './assert-flags.js';
import { wantsColor } from './color.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { UsageError } from './usage-error.js';

/** Holds captures against a golden and reports. @returns the exit code @throws VxdumpError, OutputError */
export async function runAssert(captures: readonly string[], flags: AssertFlags, io: Io): Promise<number> {
  const reporters = flags.reporter.length > 0 ? flags.reporter : [{ name: 'pretty', path: null } as const];
  if (reporters.filter(({ path }) => path === null).length > 1) {
    throw new UsageError('assert: one reporter has stdout; give the others files: --reporter junit=FILE');
  }
  refuseOverwriting(reporters, captures, flags.golden);
  const results = await checkGolden(captures, flags.golden, { vxlanPorts: flags.vxlanPort, signal: io.signal });
  for (const { name, path } of reporters) {
    const color = path === null && wantsColor(flags.color, io.stdout, io.env);
    const text = report(name, results, color);
    if (path === null) await io.stdout.write(text);
    else write(path, text);
  }
  for (const { path, cut, verdict } of results) {
    if (cut !== null)
      await io.stderr.write(
        `vxdump: ${printable(path)}: ${printable(cut)}; ${verdict.frames} whole frames before it\n`,
      );
  }
  for (const path of unheld(captures, results)) {
    const { name } = (results[0] as GoldenResult).golden;
    await io.stderr.write(`vxdump: ${printable(path)}: no tap of golden ${name}: not tested\n`);
  }
  if (results.some(({ cut }) => cut !== null) && !flags.allowTruncated) return Exit.CutCapture;
  if (results.every(({ verdict }) => verdict.frames === 0)) {
    await io.stderr.write('vxdump: assert: nothing to test: no frame in the captures\n');
    return Exit.NothingToTest;
  }
  return results.every(passed) ? Exit.Done : Exit.Failed;
}

/** Reports must not take the place of what is read, nor of each other. @throws UsageError, VxdumpError */
function refuseOverwriting(reporters: readonly Reporter[], captures: readonly string[], golden: string): void {
  const inputs = nameTaps(captures, existsSync).map(({ path }) => path);
  const written = reporters.flatMap(({ path }) => path ?? []);
  for (const path of written) {
    refuseSameFile(path, inputs);
    refuseSameFile(path, [golden], 'golden');
  }
  if (new Set(written).size < written.length) throw new UsageError('assert: give each reporter a file of its own');
}

/** Captures that no part of the golden speaks of; with `pairs`, they are there to pair with. */
function unheld(captures: readonly string[], results: readonly GoldenResult[]): string[] {
  if (results[0]?.golden.pairsComplete !== false) return [];
  return nameTaps(captures, existsSync)
    .map(({ path }) => nameOf(path))
    .filter((path) => results.every((result) => result.path !== path));
}

function report(name: Reporter['name'], results: readonly GoldenResult[], color: boolean): string {
  switch (name) {
    case 'pretty':
      return prettyGolden(results, { color });
    case 'json':
      return jsonGolden(results);
    case 'junit':
      return junitGolden(results);
    case 'tap':
      return tapGolden(results);
    case 'github':
      return githubGolden(results);
  }
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new VxdumpError('E_OPEN', `${path}: cannot write it: ${(error as Error).message}`, error);
  }
}
