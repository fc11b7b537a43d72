/**
 * `manifest.json`: with what captures were made, by which commands, and when each tap was capturing.
 */
import type { Blueprint } from './blueprint.js';
import { machine } from './process.js';
import type { Done } from './run.js';
import { commandLine } from './step.js';
import { tapPoints } from './topology.js';

const VERSION_MS = 10_000;

/** What tcpdump counted at a tap. */
export interface Counts {
  readonly frames: number;
  readonly dropped: number;
}

/** What a run knows once its captures are complete. */
export interface Course {
  /** All taps were capturing from here to `untilMs`. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly counts: ReadonlyMap<string, Counts>;
  readonly done: readonly Done[];
}

/** The manifest of a run. */
export async function makeManifest(blueprint: Blueprint, course: Course): Promise<object> {
  const { scenario, lab, runtime, vtep } = blueprint;
  return {
    schema: 'vxdump.lab-manifest/1',
    scenario: scenario.name,
    title: scenario.title,
    lab,
    runtime,
    vtep,
    versions: await versions(blueprint),
    captures: tapPoints(scenario).map(({ tap, host, interface: name, file }) => ({
      tap,
      host,
      interface: name,
      file,
      fromNs: nanoseconds(course.fromMs),
      untilNs: nanoseconds(course.untilMs),
      ...course.counts.get(tap),
    })),
    expect: scenario.expect,
    commands: course.done.map(({ phase, title, argv, milliseconds }) => ({
      phase,
      title,
      command: commandLine(argv),
      milliseconds: Math.round(milliseconds * 10) / 10,
    })),
  };
}

function nanoseconds(milliseconds: number): string {
  return String(BigInt(milliseconds) * 1_000_000n);
}

/** Of this machine, and of the programs in the first hypervisor. */
async function versions({ vtep, placement }: Blueprint): Promise<Record<string, string>> {
  const firstLine = async (argv: string[]): Promise<string> =>
    (await machine.run(argv, { timeoutMs: VERSION_MS })).split('\n')[0] as string;
  const inside = (...argv: string[]): Promise<string> => firstLine(placement.inside('hv1', argv));
  return {
    node: process.version,
    kernel: await firstLine(['uname', '-sr']),
    tcpdump: await inside('sh', '-c', 'tcpdump --version 2>&1'),
    iproute2: await inside('ip', '-V'),
    ...(vtep === 'ovs' ? { openvswitch: await inside('ovs-vsctl', '--version') } : {}),
  };
}
