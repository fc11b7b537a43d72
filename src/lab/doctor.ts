/**
 * What this machine lacks for the lab, found out by trying, with the command that mends it.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter } from 'node:path';
import { VxdumpError } from '../errors.js';
import type { RuntimeName } from './placement.js';
import type { Runtime } from './runtime.js';
import type { Vtep } from './scenario.js';

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
  unshare: 'util-linux',
  '/usr/bin/python3': 'python3',
};
const ALWAYS = ['unshare', 'ip', 'sysctl', 'ping', 'tcpdump'];
const KERNEL = ['bridge'];
const OVS = [
  ...['arping', 'ovs-vsctl', 'ovs-vswitchd', 'ovsdb-server', 'vtep-ctl'],
  ...['/usr/share/openvswitch/scripts/ovs-vtep', '/usr/bin/python3'],
];

/** What a lab is to be built of. */
export interface Needs {
  readonly runtime: RuntimeName;
  readonly vtep: Vtep;
  /** Whether the wire is relay.py. */
  readonly relay: boolean;
  /** PATH, where programs are looked for. */
  readonly searchPath: string;
}

/** Whether this process is root's. */
export function checkRoot(): Check {
  const isRoot = process.getuid?.() === 0;
  return { what: 'root', ok: isRoot, mend: isRoot ? '' : 'not root: run it with sudo' };
}

/** What a lab needs of this machine, each thing with whether it is there. */
export async function survey(runtime: Runtime, needs: Needs): Promise<Check[]> {
  const root = checkRoot();
  if (needs.runtime === 'docker') return [root, ...(await tryDocker(runtime, needs.searchPath))];
  const { vtep, relay, searchPath } = needs;
  const programs = [...ALWAYS, ...(vtep === 'ovs' ? OVS : KERNEL), ...(relay ? ['/usr/bin/python3'] : [])];
  const checks: Check[] = [root];
  for (const program of new Set(programs)) {
    const ok = isThere(program, searchPath);
    const mend = `${program} is not installed: apt-get install ${PACKAGES[program]}`;
    checks.push({ what: program, ok, mend: ok ? '' : mend });
  }
  if (checks.some(({ ok }) => !ok)) return checks;
  return [...checks, ...(await tryKernel(runtime, vtep))];
}

/** The engine may be on another machine: what is here is the command, Compose and an answer. */
async function tryDocker(runtime: Runtime, searchPath: string): Promise<Check[]> {
  if (!isThere('docker', searchPath)) {
    return [{ what: 'docker', ok: false, mend: 'docker is not installed: apt-get install docker.io docker-compose' }];
  }
  const attempt = async (what: string, mend: string, ...commands: string[][]): Promise<Check> => {
    let reason = '';
    for (const argv of commands) {
      try {
        await runtime.run(argv, { timeoutMs: 10_000 });
        return { what, ok: true, mend: '' };
      } catch (error) {
        reason = (error as Error).message;
      }
    }
    return { what, ok: false, mend: `${mend} (${reason})` };
  };
  return Promise.all([
    attempt(
      'Docker Compose',
      'no Docker Compose: apt-get install docker-compose',
      ['docker', 'compose', 'version'],
      ['docker-compose', 'version'],
    ),
    attempt('Docker engine', 'no Docker engine answers: start one, or use --runtime netns', [
      ...['docker', 'version', '--format', '{{.Server.Version}}'],
    ]),
  ]);
}

/** Makes one of each thing in a namespace without a name, which goes with the command that made it. */
async function tryKernel(runtime: Runtime, vtep: Vtep): Promise<Check[]> {
  const add = (name: string, ...type: string[]): string[] => ['ip', 'link', 'add', 'name', name, 'type', ...type];
  const tries: [what: string, argv: string[], mend: string][] = [
    ['network namespaces', ['true'], 'the kernel gives none'],
    ['veth', add('try0', 'veth'), 'modprobe veth'],
    ['bridge', add('try1', 'bridge'), 'modprobe bridge'],
    vtep === 'kernel'
      ? ['vxlan', add('try2', 'vxlan', 'id', '1', 'dstport', '4789'), 'modprobe vxlan']
      : ['tun', ['ip', 'tuntap', 'add', 'dev', 'try3', 'mode', 'tap'], 'modprobe tun'],
  ];
  return Promise.all(
    tries.map(async ([what, argv, mend]) => {
      try {
        await runtime.run(['unshare', '--net', ...argv], { timeoutMs: 10_000 });
        return { what, ok: true, mend: '' };
      } catch (error) {
        return { what, ok: false, mend: `no ${what}: ${mend} (${(error as Error).message})` };
      }
    }),
  );
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
