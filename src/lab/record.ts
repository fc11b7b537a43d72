/**
 * What is done in a lab that stands: captures are ready, VMs speak, captures are complete and have their manifest.
 */
import type { Blueprint } from './blueprint.js';
import { type Counts, makeManifest } from './manifest.js';
import { OutputFolder } from './output-folder.js';
import type { Runner } from './run.js';
import { tapPoints } from './topology.js';

const MANIFEST = 'manifest.json';
const FILE_HEADER_LEN = 24;
const RECORD_HEADER_LEN = 16;

/** Leaves captures and their manifest in the folder of the blueprint. @throws VxdumpError E_LAB_… */
export async function record(runner: Runner, blueprint: Blueprint): Promise<void> {
  const { scenario, plan, output } = blueprint;
  const taps = tapPoints(scenario);
  const folder = new OutputFolder(output);
  try {
    await runner.phase(plan.captures);
    const fromMs = Date.now();
    await runner.phase(plan.prime);
    await runner.phase(plan.traffic);
    const untilMs = Date.now();
    const said = await runner.stopCaptures(taps.map(({ tap }) => tap));
    const counts = new Map(taps.map(({ tap }) => [tap, countsIn(said.get(tap) ?? '')]));
    // tcpdump ends with 0 on a full disk too: what it counted must be in its file.
    for (const { tap, file } of taps) {
      folder.requireSize(file, FILE_HEADER_LEN + RECORD_HEADER_LEN * (counts.get(tap) as Counts).frames);
    }
    const manifest = await makeManifest(blueprint, { fromMs, untilMs, counts, done: runner.done });
    folder.write(MANIFEST, `${JSON.stringify(manifest, null, 1)}\n`);
  } catch (error) {
    folder.discard(error, [...taps.map(({ file }) => file), MANIFEST]);
    throw error;
  }
}

/** The last counts that tcpdump gave; those before answered SIGUSR1. */
export function countsIn(said: string): Counts {
  const last = (pattern: RegExp): number => Number([...said.matchAll(pattern)].at(-1)?.[1] ?? 0);
  return { frames: last(/(\d+) packets? captured/g), dropped: last(/(\d+) packets? dropped by kernel/g) };
}
