/**
 * Captures → golden sequences: finds the golden, says which capture is which tap of it, and holds each against its part.
 */
import { existsSync, readFileSync } from 'node:fs';
import { analyze } from './analyze.js';
import { nameOf } from './capture/file/bytes-in.js';
import { openCapture } from './capture/file/open.js';
import { nameTaps, type OpenTap } from './capture/tap.js';
import type { DissectorOptions } from './dissect/dissector.js';
import { FrameCursor } from './dissect/frame-cursor.js';
import { VxdumpError } from './errors.js';
import { GoldenCheck } from './golden/check.js';
import { parseGolden } from './golden/expectation.js';
import type { Bound, Golden, TapGolden } from './golden/golden.js';
import { SHIPPED, shippedGolden } from './golden/shipped.js';
import type { GoldenResult } from './golden/verdict.js';
import { firstLook } from './pair-taps.js';

/** What a check may be told. */
export interface CheckGoldenOptions extends DissectorOptions {
  readonly signal?: AbortSignal;
}

/**
 * Finds a golden: one that ships, by its name, or a file.
 *
 * @throws `E_GOLDEN` for a file that is none, `E_OPEN` where it cannot be read
 */
export async function loadGolden(golden: string): Promise<Golden> {
  const shipped = shippedGolden(golden);
  if (shipped !== null) return shipped;
  if (!/[./]/.test(golden) && !existsSync(golden)) {
    const names = SHIPPED.map(({ name }) => name).join(', ');
    throw new VxdumpError('E_GOLDEN', `no golden '${golden}': there are ${names}, or give a file`);
  }
  let text: string;
  try {
    text = readFileSync(golden, 'utf8');
  } catch (error) {
    throw new VxdumpError('E_OPEN', `${golden}: cannot read it: ${(error as Error).message}`, error);
  }
  return parseGolden(text, golden);
}

/**
 * Holds captures against a golden sequence.
 *
 * @param captures `[[HOST:]TAP=]PATH` each; where there are several, a tap's name or role says which part is its, and
 * one that shows no role, such as an empty capture, is held against a golden's only part
 * @param golden the name of one that ships, a file, or one that `loadGolden` gave
 * @returns a result for each capture that the golden speaks of, in its order
 * @throws VxdumpError, before any frame is read, for what cannot be opened or fits no tap
 *
 * **Cost** one pass; memory for some hundred frames.
 */
export async function checkGolden(
  captures: readonly string[],
  golden: string | Golden,
  options: CheckGoldenOptions = {},
): Promise<GoldenResult[]> {
  const whole = typeof golden === 'string' ? await loadGolden(golden) : golden;
  const taps = nameTaps(captures, existsSync);
  if (whole.pairsComplete && taps.some(({ path }) => path === '-')) {
    throw pairsError(whole, 'reads captures twice: give files, not standard input');
  }
  const open: OpenTap[] = [];
  try {
    for (const tap of taps) {
      open.push({ ...tap, source: await openCapture(tap.path, options.signal ? { signal: options.signal } : {}) });
    }
    const parts = await assign(open, whole, options);
    const problems = whole.pairsComplete ? await unpaired(captures, whole, options) : [];
    const results: GoldenResult[] = [];
    let bound: readonly Bound[] = whole.names.map(() => null);
    for (const [part, tap] of parts) {
      const check = new GoldenCheck(whole, part, { bound });
      await readInto(check, tap, options);
      // Taps of one golden share names; captures of the same tap are runs of their own.
      if (whole.taps.length > 1) bound = check.bound;
      const { end } = tap.source;
      results.push({
        golden: whole,
        path: nameOf(tap.path),
        cut: end === null || end.ended === 'complete' ? null : `${end.ended} at byte ${end.at}: ${end.reason}`,
        verdict: { ...check.finish(), tap: tap.name },
        problems: results.length === 0 ? problems : [],
      });
    }
    return results;
  } finally {
    for (const { source } of open) await source.close();
  }
}

async function readInto(check: GoldenCheck, tap: OpenTap, options: CheckGoldenOptions): Promise<void> {
  const cursor = new FrameCursor(tap.name, options);
  for await (const batch of tap.source) {
    for (let index = 0; index < batch.count; index++) {
      cursor.move(batch, index, tap.source.interfaces);
      check.add(cursor);
    }
  }
  options.signal?.throwIfAborted();
}

/** Names that say what a tap is. */
const ROLES: readonly string[] = ['overlay', 'underlay'];

/** Which capture is held against which part. */
async function assign(
  taps: readonly OpenTap[],
  golden: Golden,
  options: CheckGoldenOptions,
): Promise<[TapGolden, OpenTap][]> {
  const [only] = golden.taps;
  const [first] = taps;
  if (golden.taps.length === 1 && taps.length === 1 && only && first) return [[only, first]];
  const { taps: roles, unsure } = await firstLook(taps, options);
  const pairs: [TapGolden, OpenTap][] = [];
  for (const part of golden.taps) {
    const plays = (tap: OpenTap, index: number): boolean =>
      part.tap === null ||
      tap.name === part.tap ||
      (part.tap === 'overlay' && roles[index]?.overlay === true) ||
      (part.tap === 'underlay' && roles[index]?.underlay === true);
    // Of one part, a capture that shows nothing of its role is held against it, too: left out, it would pass unseen.
    const mayPlay = ({ name }: OpenTap, index: number): boolean =>
      golden.taps.length === 1 && unsure[index] === true && ROLES.includes(part.tap ?? '') && !ROLES.includes(name);
    const named = taps.filter(({ name }) => name === part.tap);
    const found = named.length > 0 ? named : taps.filter((tap, index) => plays(tap, index) || mayPlay(tap, index));
    if (found.length === 0) {
      throw new VxdumpError(
        'E_GOLDEN',
        `golden ${golden.name}: no capture is its tap ${part.tap}; name it: ${part.tap}=FILE`,
      );
    }
    if (golden.taps.length > 1 && found.length > 1) {
      throw new VxdumpError(
        'E_GOLDEN',
        `golden ${golden.name}: several captures could be its tap ${part.tap}; name one: ${part.tap}=FILE`,
      );
    }
    for (const tap of found) pairs.push([part, tap]);
  }
  return pairs;
}

/** Frames that a sentence names. */
const MAX_NAMED = 20;

function pairsError({ name }: Golden, what: string): VxdumpError {
  return new VxdumpError('E_GOLDEN', `golden ${name}: pairs: complete ${what}`);
}

/** What `pairs: complete` finds wrong. @throws `E_GOLDEN` where there is nothing to pair */
async function unpaired(captures: readonly string[], golden: Golden, options: CheckGoldenOptions): Promise<string[]> {
  const { correlation, captures: seen } = await analyze(captures, options);
  if (correlation === null) {
    const roles = seen.map(({ tap, role }) => `${tap} is ${role}`).join(', ');
    throw pairsError(golden, `needs an overlay and an underlay capture; ${roles}`);
  }
  const problems: string[] = [];
  for (const tap of new Set(correlation.taps.map(({ overlay }) => overlay))) {
    const rows = correlation.taps.filter(({ overlay }) => overlay === tap);
    if (rows.every(({ matched, overlayOnly }) => matched + overlayOnly === 0)) {
      problems.push(`pairs: no frame at ${tap} has its encapsulation`);
    }
    for (const { underlay, vni, overlayOnly, overlayFrames, evidence } of rows) {
      if (overlayOnly === 0) continue;
      const named = evidence.overlayOnly.slice(0, MAX_NAMED);
      const more = overlayOnly > named.length ? ` and ${overlayOnly - named.length} more` : '';
      problems.push(
        `pairs: ${overlayOnly} of ${overlayFrames} frames at ${tap} have no encapsulation in VNI ${vni} at ${underlay}: ` +
          `${named.length === 1 ? 'frame' : 'frames'} ${named.join(', ')}${more}`,
      );
    }
  }
  return problems;
}
