/**
 * What this machine lacks for the lab, found out by trying, with the command that mends it.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import { VxdumpError } from '../errors.js';
import type { Runtime } from './runtime.js';
import type { Scenario, Vtep } from './scenario.js';

/** One thing that the lab needs. */
export interface Check {
  readonly what: string;
  readonly ok: boolean;
  /** Why it is not, and what to do; empty where it is. */
  readonly mend: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  sysctl: 'procps',
  ping: 'iputils-ping',
  tcpdump: 'tcpdump',
  arping: 'iputils-arping',
  'ovs-vsctl': 'openvswitch-switch',
  'ovs-vswitchd': 'openvswitch-switch',
  'ovsdb-server': 'openvswitch-switch',
  'vtep-ctl': 'openvswitch-vtep',
  '/usr/share/openvswitch/scripts/ovs-vtep': 'openvswitch-vtep',
  '/usr/bin/python3': 'python3',
};
const ALWAYS = ['ip', 'sysctl', 'ping', 'tcpdump'];
const KERNEL = ['bridge'];
const OVS = [
  ...['arping', 'ovs-vsctl', 'ovs-vswitchd', 'ovsdb-server', 'vtep-ctl'],
  ...['/usr/share/openvswitch/scripts/ovs-vtep', '/usr/bin/python3'],
];

/** What a VTEP needs of this machine. @param trial a name for namespaces to try things in; they are removed */
export async function examine(
  runtime: Runtime,
  vtep: Vtep,
  wire: Scenario['wire'],
  searchPath: string,
  uid: number,
): Promise<Check[]> {
  const programs = [...ALWAYS, ...(vtep === 'ovs' ? OVS : KERNEL), ...(wire === null ? [] : ['/usr/bin/python3'])];
  const checks: Check[] = [{ what: 'root', ok: uid === 0, mend: uid === 0 ? '' : 'not root: run it with sudo' }];
  for (const program of new Set(programs)) {
    const ok = isThere(program, searchPath);
    const mend = `${program} is not installed: apt-get install ${PACKAGES[program]}`;
    checks.push({ what: program, ok, mend: ok ? '' : mend });
  }
  if (checks.some(({ ok }) => !ok)) return checks;
  return [...checks, ...(await tryKernel(runtime, vtep))];
}

/** Makes one of each thing in a namespace that is then removed. */
async function tryKernel(runtime: Runtime, vtep: Vtep): Promise<Check[]> {
  const namespace = `vxdump-doctor-${process.pid}`;
  const tries: [string, string[], string][] = [
    ['veth', ['link', 'add', 'name', 'try0', 'type', 'veth'], 'modprobe veth'],
    ['bridge', ['link', 'add', 'name', 'try1', 'type', 'bridge'], 'modprobe bridge'],
    ...(vtep === 'kernel'
      ? ([
          ['vxlan', ['link', 'add', 'name', 'try2', 'type', 'vxlan', 'id', '1', 'dstport', '4789'], 'modprobe vxlan'],
        ] as [string, string[], string][])
      : ([['tun', ['tuntap', 'add', 'dev', 'try3', 'mode', 'tap'], 'modprobe tun']] as [string, string[], string][])),
  ];
  const checks: Check[] = [];
  const attempt = async (what: string, argv: string[], mend: string): Promise<boolean> => {
    try {
      await runtime.run(argv, { timeoutMs: 10_000 });
      checks.push({ what, ok: true, mend: '' });
      return true;
    } catch (error) {
      checks.push({ what, ok: false, mend: `${mend} (${(error as Error).message})` });
      return false;
    }
  };
  const made = await attempt(
    'network namespaces',
    ['ip', 'netns', 'add', namespace],
    'the kernel gives no network namespace',
  );
  if (!made) return checks;
  try {
    for (const [what, words, mend] of tries) {
      await attempt(what, ['ip', '-n', namespace, ...words], `the kernel has no ${what}: ${mend}`);
    }
  } finally {
    await runtime.run(['ip', 'netns', 'del', namespace], { timeoutMs: 10_000 });
  }
  return checks;
}

/** @throws VxdumpError E_LAB_MACHINE the first thing that is not there */
export function requireAll(checks: readonly Check[]): void {
  const bad = checks.filter(({ ok }) => !ok);
  if (bad.length === 0) return;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more: vxdump lab doctor)` : '';
  throw new VxdumpError('E_LAB_MACHINE', `${bad[0]?.mend}${more}`);
}

function isThere(program: string, searchPath: string): boolean {
  const candidates = program.startsWith('/')
    ? [program]
    : searchPath.split(delimiter).map((folder) => `${folder}/${program}`);
  return candidates.some((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
