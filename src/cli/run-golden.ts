/**
 * The work of `vxdump golden`. Imported when it runs: the command tree is to be quick.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { openCapture } from '../capture/file/open.js';
import { nameTaps, type Tap } from '../capture/tap.js';
import { refuseSameFile } from '../capture/write/output-file.js';
import { loadGolden } from '../check-golden.js';
import { VxdumpError } from '../errors.js';
import { printable } from '../fields/text.js';
import { frames } from '../frames.js';
import { recordSequence } from '../golden/record.js';
import { SHIPPED } from '../golden/shipped.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';

/** `golden list`. @returns the exit code */
export async function listGoldens(io: Io): Promise<number> {
  const width = Math.max(...SHIPPED.map(({ name }) => name.length));
  await io.stdout.write(SHIPPED.map(({ name, description }) => `${name.padEnd(width)}  ${description}\n`).join(''));
  return Exit.Done;
}

/** `golden show`. @returns the exit code @throws `E_GOLDEN` for a name that does not ship */
export async function showGolden(name: string, io: Io): Promise<number> {
  const shipped = SHIPPED.find((each) => each.name === name);
  if (shipped === undefined) {
    throw new VxdumpError('E_GOLDEN', `no golden '${name}': there are ${SHIPPED.map((each) => each.name).join(', ')}`);
  }
  await io.stdout.write(shipped.text);
  return Exit.Done;
}

/** `golden record`. @returns the exit code @throws VxdumpError */
export async function recordGolden(
  capture: string,
  flags: { readonly o?: string; readonly name?: string; readonly vxlanPort: number[] },
  io: Io,
): Promise<number> {
  const [tap] = nameTaps([capture], existsSync) as [Tap];
  const out = flags.o === '-' ? undefined : flags.o;
  if (out !== undefined) refuseSameFile(out, [tap.path]);
  const source = await openCapture(tap.path, { signal: io.signal });
  const text = await recordSequence(
    frames(source, { vxlanPorts: flags.vxlanPort }),
    flags.name ?? tap.name,
    tap.namedRole,
  );
  if (out === undefined) await io.stdout.write(text);
  else {
    try {
      writeFileSync(out, text);
    } catch (error) {
      throw new VxdumpError('E_OPEN', `${out}: cannot write it: ${(error as Error).message}`, error);
    }
  }
  if (source.end !== null && source.end.ended !== 'complete') {
    await io.stderr.write(`vxdump: ${tap.path}: ${source.end.ended} at byte ${source.end.at}: ${source.end.reason}\n`);
    return Exit.CutCapture;
  }
  return Exit.Done;
}

/** `golden validate`: every file is looked at. @returns the exit code; for each bad file, its first fault is on stderr */
export async function validateGoldens(files: readonly string[], io: Io): Promise<number> {
  let exit: number = Exit.Done;
  for (const file of files) {
    try {
      const { name, taps } = await loadGolden(file);
      const steps = taps.reduce((sum, tap) => sum + tap.steps.length, 0);
      await io.stdout.write(`${file}: ${name}, ${steps} step${steps === 1 ? '' : 's'}, good\n`);
    } catch (error) {
      if (!(error instanceof VxdumpError)) throw error;
      await io.stderr.write(`vxdump: ${printable(error.message)}\n`);
      exit = Exit.Usage;
    }
  }
  return exit;
}
