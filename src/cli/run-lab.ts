/**
 * The work of `vxdump lab`. Imported when it runs: the command tree is to be quick.
 */
import { VxdumpError } from '../errors.js';
import { printable } from '../fields/text.js';
import { checkRoot, requireAll } from '../lab/doctor.js';
import { loadScenario } from '../lab/scenario.js';
import { StateFile } from '../lab/state.js';
import { runsLab, takeDown } from '../lab/take-down.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { bringUp } from './lab/bring-up.js';
import { captureTaps } from './lab/capture-taps.js';
import { execInNode } from './lab/exec-in-node.js';
import type { LabFlags } from './lab/flags.js';
import { listScenarios } from './lab/list-scenarios.js';
import { printPlan } from './lab/print-plan.js';
import { printStatus } from './lab/print-status.js';
import { printSurvey } from './lab/print-survey.js';
import { runScenario } from './lab/run-scenario.js';

/** Runs one verb of `vxdump lab`. @returns the exit code */
export async function runLab(verb: string, words: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  // Until all is undone a second Ctrl-C must not end the process, nor a terminal that is closed.
  const hangup = new AbortController();
  const hold = (): void => {};
  const onHangup = (): void => hangup.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, hold);
  process.on('SIGHUP', onHangup);
  try {
    return await act(verb, words, flags, { ...io, signal: AbortSignal.any([io.signal, hangup.signal]) });
  } catch (error) {
    // In the midst of an analysis it is the signal's reason that is thrown; Ctrl-C's is the program's to catch.
    if (hangup.signal.aborted && error === hangup.signal.reason) return Exit.Interrupted;
    if (!(error instanceof VxdumpError)) throw error;
    await io.stderr.write(`vxdump: ${printable(error.message)}\n`);
    if (error.code === 'E_LAB_INTERRUPTED') return Exit.Interrupted;
    return ['E_USAGE', 'E_LAB_SCENARIO'].includes(error.code) ? Exit.Usage : Exit.Lab;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, hold);
    process.off('SIGHUP', onHangup);
  }
}

function act(verb: string, words: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  switch (verb) {
    case 'run':
      return runScenario(loadScenario(words[0] as string), flags, io);
    case 'up':
      return bringUp(loadScenario(words[0] as string), flags, io);
    case 'plan':
      return printPlan(loadScenario(words[0] as string), flags, io);
    case 'status':
      return printStatus(flags, io);
    case 'exec':
      requireStanding(flags.name);
      return execInNode(words, flags);
    case 'capture':
      requireStanding(flags.name);
      requireWhole(flags.name);
      return captureTaps(flags, io);
    case 'down':
      return down(flags, io);
    case 'list':
      return listScenarios(flags, io);
    default:
      return printSurvey(flags, io);
  }
}

/** A lab is found as anyone; what is done with it takes root. @throws VxdumpError E_LAB_NAME, E_LAB_MACHINE */
function requireStanding(name: string): void {
  StateFile.require(name);
  requireAll([checkRoot()]);
}

/** What a crash left has some of its taps at most. @throws VxdumpError E_LAB_NAME */
function requireWhole(name: string): void {
  const { pid } = StateFile.require(name).state;
  if (pid === null || runsLab(pid)) return;
  throw new VxdumpError('E_LAB_NAME', `lab ${name} was left by a process that died: vxdump lab down --name ${name}`);
}

async function down({ name }: LabFlags, io: Io): Promise<number> {
  if (StateFile.open(name) === null) {
    // Nothing is to do, but the name may be a mistake.
    await io.stderr.write(`no lab named ${name} is there\n`);
    return Exit.Done;
  }
  requireAll([checkRoot()]);
  const failures = await takeDown(name);
  for (const failure of failures) await io.stderr.write(`vxdump: not undone: ${printable(failure)}\n`);
  return failures.length === 0 ? Exit.Done : Exit.Lab;
}
