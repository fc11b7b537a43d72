/**
 * The work of `vxdump lab`. Imported when it runs: the command tree is to be quick.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Analysis } from '../analysis.js';
import { analyze } from '../analyze.js';
import { VxdumpError } from '../errors.js';
import { printable } from '../fields/text.js';
import { compose } from '../lab/compose.js';
import { type Check, examine, requireAll } from '../lab/doctor.js';
import { namespaceOf, netns } from '../lab/netns.js';
import type { Placement } from '../lab/placement.js';
import { makePlan } from '../lab/plan.js';
import { machine } from '../lab/process.js';
import { Runner } from '../lab/run.js';
import { loadScenario, type Scenario, scenarioNames, type Vtep } from '../lab/scenario.js';
import { labNames, StateFile } from '../lab/state.js';
import { commandLine, type Plan } from '../lab/step.js';
import { tapPoints } from '../lab/topology.js';
import { analysisText } from '../report/analysis-text.js';
import { wantsColor } from './color.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { compareWithExpected } from './verify-lab.js';

/** Options, by the names that commander gives them. */
export interface LabFlags {
  readonly name: string;
  readonly runtime: 'netns' | 'docker';
  readonly vtep?: Vtep;
  readonly output?: string;
  readonly verify?: true;
  readonly quiet?: true;
  readonly json?: true;
}

/** Runs one verb of `vxdump lab`. @returns the exit code */
export async function runLab(verb: string, words: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  // Until all is undone a second Ctrl-C must not end the process.
  const hold = (): void => {};
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, hold);
  try {
    return await act(verb, words, flags, io);
  } catch (error) {
    if (!(error instanceof VxdumpError)) throw error;
    await io.stderr.write(`vxdump: ${printable(error.message)}\n`);
    if (error.code === 'E_LAB_INTERRUPTED') return Exit.Interrupted;
    return error.code === 'E_LAB_SCENARIO' ? Exit.Usage : Exit.Lab;
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, hold);
  }
}

function act(verb: string, words: readonly string[], flags: LabFlags, io: Io): Promise<number> {
  switch (verb) {
    case 'run':
      return run(loadScenario(words[0] as string), flags, io);
    case 'up':
      return up(loadScenario(words[0] as string), flags, io);
    case 'plan':
      return printPlan(loadScenario(words[0] as string), flags, io);
    case 'status':
      return status(flags, io);
    case 'exec':
      return exec(words, flags);
    case 'capture':
      return capture(flags, io);
    case 'down':
      return down(flags, io);
    case 'list':
      return list(flags, io);
    default:
      return doctor(flags, io);
  }
}

/** A scenario with the choices of the command line. */
interface Choice {
  readonly vtep: Vtep;
  readonly output: string;
  readonly placement: Placement;
  readonly plan: Plan;
}

async function choose(scenario: Scenario, flags: LabFlags): Promise<Choice> {
  const vtep = flags.vtep ?? (scenario.vteps[0] as Vtep);
  if (!scenario.vteps.includes(vtep)) {
    const how = `--vtep ${scenario.vteps.join(' or --vtep ')}`;
    throw new VxdumpError('E_LAB_SCENARIO', `${scenario.name} cannot be built with --vtep ${vtep}: use ${how}`);
  }
  const output = resolve(flags.output ?? `vxdump-lab-${scenario.name}`);
  const placement = await place(flags.name, flags.runtime, output);
  return { vtep, output, placement, plan: makePlan(scenario, { lab: flags.name, vtep, placement, output }) };
}

async function place(lab: string, runtime: LabFlags['runtime'], output: string): Promise<Placement> {
  if (runtime === 'netns') return netns(lab);
  const v2 = await machine.run(['docker', 'compose', 'version'], { timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );
  return compose(lab, v2 ? ['docker', 'compose'] : ['docker-compose'], output);
}

async function checks(vtep: Vtep, wire: Scenario['wire'], runtime: LabFlags['runtime'], io: Io): Promise<Check[]> {
  if (runtime === 'netns') return examine(machine, vtep, wire, io.env['PATH'] ?? '', process.getuid?.() ?? -1);
  try {
    await machine.run(['docker', 'info'], { timeoutMs: 10_000 });
    return [{ what: 'Docker engine', ok: true, mend: '' }];
  } catch (error) {
    const mend = `no Docker engine answers: start one, or use --runtime netns (${(error as Error).message})`;
    return [{ what: 'Docker engine', ok: false, mend }];
  }
}

/** Builds a lab: name taken, steps run; undone where that fails. */
async function build<Result>(
  scenario: Scenario,
  flags: LabFlags,
  io: Io,
  work: (runner: Runner, choice: Choice, state: StateFile) => Promise<Result>,
  keeps: boolean,
): Promise<Result> {
  const choice = await choose(scenario, flags);
  const state = { lab: flags.name, scenario: scenario.name, vtep: choice.vtep, runtime: flags.runtime };
  requireAll(await checks(choice.vtep, scenario.wire, flags.runtime, io));
  const file = StateFile.create({ ...state, pid: process.pid, undo: [] });
  const runner = new Runner({
    runtime: machine,
    signal: io.signal,
    onUndo: (undo) => file.update({ undo }),
    onPhase: phasePrinter(flags, io),
  });
  let kept = false;
  try {
    for (const phase of choice.plan.up) await runner.phase(phase);
    const result = await work(runner, choice, file);
    kept = keeps;
    return result;
  } finally {
    if (kept) file.update({ pid: null, undo: runner.undoCommands() });
    else {
      const print = phasePrinter(flags, io);
      const startedMs = performance.now();
      print('down', null);
      const failures = await runner.undo();
      // What could not be undone stays known to `lab down`.
      if (failures.length === 0) file.remove();
      print('down', performance.now() - startedMs);
      for (const failure of failures) await io.stderr.write(`vxdump: not undone: ${printable(failure)}\n`);
    }
  }
}

async function run(scenario: Scenario, flags: LabFlags, io: Io): Promise<number> {
  let manifest: Record<string, unknown> = {};
  const startedMs = performance.now();
  let made: string | null = null;
  let outcome: { analysis: Analysis; output: string };
  try {
    outcome = await build(
      scenario,
      flags,
      io,
      async (runner, { plan, output, vtep }) => {
        if (!existsSync(output)) made = makeFolder(output);
        else makeFolder(output);
        const captureStart = BigInt(Date.now()) * 1_000_000n;
        await runner.phase(plan.captures);
        await runner.phase(plan.prime);
        await runner.phase(plan.traffic);
        const print = phasePrinter(flags, io);
        const collectMs = performance.now();
        print('collect', null);
        const said = await runner.stopCaptures(tapPoints(scenario).map(({ tap }) => tap));
        print('collect', performance.now() - collectMs);
        requireWhole(output, scenario, said);
        const captureEnd = BigInt(Date.now()) * 1_000_000n;
        manifest = {
          schema: 'vxdump.lab-manifest/1',
          scenario: scenario.name,
          title: scenario.title,
          lab: flags.name,
          runtime: flags.runtime,
          vtep,
          versions: await versions(vtep),
          captures: tapPoints(scenario).map(({ tap, host, interface: name, file }) => ({
            tap,
            host,
            interface: name,
            file,
            fromNs: String(captureStart),
            untilNs: String(captureEnd),
            ...counts(said.get(tap) ?? ''),
          })),
          expect: scenario.expect,
          commands: runner.done.map(({ phase, title, argv, milliseconds }) => ({
            phase,
            title,
            command: commandLine(argv),
            milliseconds: Math.round(milliseconds * 10) / 10,
          })),
        };
        const print2 = phasePrinter(flags, io);
        const analyzeMs = performance.now();
        print2('analyze', null);
        const files = tapPoints(scenario).map(({ tap, host, file }) => `${host}:${tap}=${output}/${file}`);
        const ports = scenario.port === 4789 && Object.keys(scenario.ports).length === 0 ? [4789] : [4789, 8472];
        const analysis = await analyze(files, { vxlanPorts: ports, signal: io.signal });
        print2('analyze', performance.now() - analyzeMs);
        return { analysis, output };
      },
      false,
    );
  } catch (error) {
    // A folder that was made for nothing goes too; one with captures in it is worth keeping.
    if (made !== null) {
      if (error instanceof DiskFull)
        for (const { file } of tapPoints(scenario)) rmSync(`${made}/${file}`, { force: true });
      removeIfEmpty(made);
    }
    throw error;
  }
  const { analysis, output } = outcome;
  const milliseconds = Math.round(performance.now() - startedMs);
  writeOut(`${output}/manifest.json`, `${JSON.stringify({ ...manifest, milliseconds }, null, 1)}\n`);
  const problems = flags.verify ? await compareWithExpected(scenario, analysis, output) : null;
  if (flags.json) {
    const result = { schema: 'vxdump.lab-run/1', scenario: scenario.name, output, milliseconds };
    await io.stdout.write(`${JSON.stringify({ ...result, problems, analysis }, null, 1)}\n`);
  } else {
    await io.stdout.write(analysisText(analysis, { color: wantsColor('auto', io.stdout, io.env) }));
    if (!flags.quiet) {
      await io.stderr.write(`\n${output}: ${tapPoints(scenario).length} captures and manifest.json\n`);
    }
  }
  if (problems === null) return Exit.Done;
  for (const problem of problems) await io.stderr.write(`vxdump: ${scenario.name}: ${problem}\n`);
  if (problems.length === 0 && !flags.quiet) await io.stderr.write(`${scenario.name}: as it must be\n`);
  return problems.length === 0 ? Exit.Done : Exit.Failed;
}

async function up(scenario: Scenario, flags: LabFlags, io: Io): Promise<number> {
  await build(scenario, flags, io, async () => {}, true);
  if (flags.json) await io.stdout.write(`${JSON.stringify(StateFile.open(flags.name)?.state)}\n`);
  else if (!flags.quiet) {
    const name = flags.name === 'lab' ? '' : ` --name ${flags.name}`;
    await io.stderr.write(`up: vxdump lab exec${name} hv1 -- COMMAND works in it, vxdump lab down${name} ends it\n`);
  }
  return Exit.Done;
}

async function printPlan(scenario: Scenario, flags: LabFlags, io: Io): Promise<number> {
  const { plan } = await choose(scenario, flags);
  const lines: string[] = [];
  const undo: string[] = [];
  for (const { title, lanes } of [...plan.up, plan.captures, plan.prime, plan.traffic]) {
    if (lanes.length > 0) lines.push(`# ${title}`);
    for (const step of lanes.flat()) {
      const until = step.do === 'wait' ? `   # until ${step.has.join(' and ')}` : '';
      lines.push(`${commandLine(step.argv)}${step.do === 'start' ? ' &' : until}`);
      if (step.do === 'command' && step.undo !== undefined) undo.unshift(commandLine(step.undo));
    }
  }
  await io.stdout.write(`${[...lines, '# down', ...undo].join('\n')}\n`);
  return Exit.Done;
}

async function status(flags: LabFlags, io: Io): Promise<number> {
  const names = labNames();
  for (const name of names) {
    const state = StateFile.open(name)?.state;
    if (state === undefined) continue;
    const { scenario, vtep, runtime, pid } = state;
    const by =
      pid === null ? 'up' : existsSync(`/proc/${pid}`) ? `run by process ${pid}` : 'left by a process that died';
    await io.stdout.write(`${name}\t${scenario}\t${runtime}\t${vtep}\t${by}\n`);
  }
  if (names.length === 0) await io.stderr.write('no lab is there\n');
  return names.includes(flags.name) ? Exit.Done : Exit.Lab;
}

function opened(lab: string): StateFile {
  const file = StateFile.open(lab);
  if (file === null) throw new VxdumpError('E_LAB_NAME', `no lab named ${lab} is there: vxdump lab up --name ${lab}`);
  return file;
}

async function exec([node, ...command]: readonly string[], flags: LabFlags): Promise<number> {
  const { state } = opened(flags.name);
  const placement = await place(state.lab, state.runtime, '/');
  if (state.runtime === 'netns' && !existsSync(`/run/netns/${namespaceOf(state.lab, node as string)}`)) {
    throw new VxdumpError('E_LAB_NAME', `lab ${state.lab} has no node ${node}: there are hv1, hv2 and wire`);
  }
  const folder = placement.folder(node as string);
  const env = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVS_SYSCONFDIR'].map((name) => `${name}=${folder}`);
  const argv = placement.inside(node as string, ['env', ...env, ...command]);
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'inherit' });
  return new Promise((done, fail) => {
    child.once('error', fail);
    child.once('exit', (code) => done(code ?? Exit.Interrupted));
  });
}

async function capture(flags: LabFlags, io: Io): Promise<number> {
  const { state } = opened(flags.name);
  const scenario = loadScenario(state.scenario);
  const output = resolve(flags.output ?? `vxdump-lab-${scenario.name}`);
  makeFolder(output);
  const placement = await place(state.lab, state.runtime, output);
  const { captures } = makePlan(scenario, { lab: state.lab, vtep: state.vtep, placement, output });
  const runner = new Runner({ runtime: machine, signal: io.signal });
  try {
    await runner.phase(captures);
    await io.stderr.write(`capturing at ${captures.lanes.length} taps to ${output}; Ctrl-C ends it\n`);
    await new Promise<void>((done) => {
      const alive = setInterval(() => {}, 60_000);
      const end = (): void => {
        clearInterval(alive);
        done();
      };
      if (io.signal.aborted) end();
      else io.signal.addEventListener('abort', end, { once: true });
    });
    await runner.stopCaptures([...runner.running.keys()]);
  } finally {
    await runner.undo();
  }
  return Exit.Done;
}

async function down(flags: LabFlags, io: Io): Promise<number> {
  const file = StateFile.open(flags.name);
  if (file === null) return Exit.Done;
  const { pid, undo } = file.state;
  if (pid !== null && isVxdump(pid)) {
    throw new VxdumpError('E_LAB_NAME', `lab ${flags.name} is run by process ${pid}: end that with Ctrl-C`);
  }
  let failed = false;
  for (const argv of undo) {
    try {
      await machine.run(argv, { timeoutMs: 20_000 });
    } catch (error) {
      failed = true;
      await io.stderr.write(`vxdump: not undone: ${printable((error as Error).message)}\n`);
    }
  }
  if (failed) return Exit.Lab;
  file.remove();
  return Exit.Done;
}

/** Whether the process is there, and no other that has its number since. */
function isVxdump(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && pid !== process.pid && labRunner(pid);
}

function labRunner(pid: number): boolean {
  try {
    return /\blab\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}

async function list(flags: LabFlags, io: Io): Promise<number> {
  const scenarios = scenarioNames().map(loadScenario);
  if (flags.json) await io.stdout.write(`${JSON.stringify(scenarios, null, 1)}\n`);
  else {
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    for (const { name, title, vteps } of scenarios) {
      await io.stdout.write(`${name.padEnd(width)}  ${vteps.join(', ').padEnd(11)}  ${title}\n`);
    }
  }
  return Exit.Done;
}

async function doctor(flags: LabFlags, io: Io): Promise<number> {
  const vteps: Vtep[] = flags.vtep === undefined ? ['ovs', 'kernel'] : [flags.vtep];
  const wire = { fault: 'loss', percent: 0, seed: 0 } as const;
  const found = new Map<string, Check>();
  for (const vtep of vteps) {
    for (const check of await checks(vtep, wire, flags.runtime, io)) found.set(check.what, check);
  }
  const all = [...found.values()];
  if (flags.json) await io.stdout.write(`${JSON.stringify(all, null, 1)}\n`);
  else
    for (const { what, ok, mend } of all) await io.stdout.write(`${ok ? 'ok     ' : 'MISSING'}  ${ok ? what : mend}\n`);
  return all.every(({ ok }) => ok) ? Exit.Done : Exit.Lab;
}

/** A line for each phase with its time, on a terminal only. */
function phasePrinter(flags: LabFlags, io: Io): (title: string, milliseconds: number | null) => void {
  if (flags.quiet || flags.json || !io.stderr.isTTY) return () => {};
  return (title, milliseconds) => {
    const text =
      milliseconds === null ? `  ${title} …` : `\r  ${title.padEnd(16)} ${(milliseconds / 1000).toFixed(2)} s\n`;
    void io.stderr.write(text).catch(() => {});
  };
}

async function versions(vtep: Vtep): Promise<Record<string, string>> {
  const firstLine = async (argv: string[]): Promise<string> =>
    (await machine.run(argv, { timeoutMs: 10_000 })).split('\n')[0] as string;
  return {
    node: process.version,
    kernel: await firstLine(['uname', '-sr']),
    tcpdump: await firstLine(['sh', '-c', 'tcpdump --version 2>&1']),
    iproute2: await firstLine(['ip', '-V']),
    ...(vtep === 'ovs' ? { openvswitch: await firstLine(['ovs-vsctl', '--version']) } : {}),
  };
}

class DiskFull extends VxdumpError {}

/** tcpdump ends with 0 on a full disk too: what it counted must be in its file. @throws VxdumpError E_LAB_MACHINE */
function requireWhole(output: string, scenario: Scenario, said: ReadonlyMap<string, string>): void {
  for (const { tap, file } of tapPoints(scenario)) {
    const least = 24 + 16 * counts(said.get(tap) ?? '').frames;
    if (statSync(`${output}/${file}`).size >= least) continue;
    throw new DiskFull('E_LAB_MACHINE', `${output}/${file}: not all could be written: the disk is full`);
  }
}

function counts(said: string): { frames: number; dropped: number } {
  const frames = /(\d+) packets? captured/.exec(said)?.[1] ?? '0';
  const dropped = /(\d+) packets? dropped by kernel/.exec(said)?.[1] ?? '0';
  return { frames: Number(frames), dropped: Number(dropped) };
}

function makeFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    return path;
  } catch (error) {
    throw new VxdumpError('E_LAB_MACHINE', `cannot make ${path}: ${(error as Error).message}`, error);
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Captures are in it.
  }
}

function writeOut(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new VxdumpError('E_LAB_MACHINE', `cannot write ${path}: ${(error as Error).message}`, error);
  }
}
