/**
 * `vxdump lab capture`: captures at every tap of a lab that stands, until Ctrl-C.
 */
import { draw } from '../../lab/blueprint.js';
import { OutputFolder } from '../../lab/output-folder.js';
import { machine } from '../../lab/process.js';
import { Runner } from '../../lab/run.js';
import { loadScenario } from '../../lab/scenario.js';
import { StateFile } from '../../lab/state.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import type { LabFlags } from './flags.js';

/** Captures. @returns the exit code */
export async function captureTaps(flags: LabFlags, io: Io): Promise<number> {
  const { state } = StateFile.require(flags.name);
  const { plan, output } = await draw(loadScenario(state.scenario), { ...state, output: flags.output });
  const { captures } = plan;
  const folder = new OutputFolder(output);
  const runner = new Runner({ runtime: machine, signal: io.signal });
  try {
    await runner.phase(captures);
    await io.stderr.write(`capturing at ${captures.lanes.length} taps to ${folder.path}; Ctrl-C ends it\n`);
    await aborted(io.signal);
    await runner.stopCaptures([...runner.running.keys()]);
  } catch (error) {
    folder.discard(error, []);
    throw error;
  } finally {
    await runner.undo();
  }
  return Exit.Done;
}

/** Waits for the signal; a listener alone would not keep the process. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const alive = setInterval(() => {}, 60_000);
    const end = (): void => {
      clearInterval(alive);
      done();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
