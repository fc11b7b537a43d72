/**
 * What a scenario file says, with its defaults filled in. schema/lab-scenario.json describes the files; a new scenario is
 * one more of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { VxdumpError } from '../errors.js';

export type Vtep = 'ovs' | 'kernel';

/** One ping, or one change to the running network, in the order of the file. */
export interface Action {
  /** The VM that pings, and how. */
  readonly ping?: {
    readonly from: string;
    readonly to: string;
    readonly count?: number;
    /** ICMP payload, bytes. */
    readonly size?: number;
    /** Whether DF is left clear. */
    readonly mayFragment?: boolean;
    readonly intervalSeconds?: number;
    /** How long to wait for answers in all. */
    readonly waitSeconds?: number;
    /** Whether replies must come; where false they must not. Left out: either will do. */
    readonly answered?: boolean;
  };
  /** A hypervisor whose flood list is emptied. */
  readonly forgetFlood?: string;
}

/** What a run of the scenario must give. */
export interface Expectation {
  /** Capture (file name less `.pcap`) → golden sequence. */
  readonly goldens?: Readonly<Record<string, string>>;
  readonly findings?: readonly { readonly id: string; readonly severity: 'error' | 'warning' | 'info' }[];
}

/** A scenario: a topology, what is wrong with it, what is sent, what must come out. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** VTEPs that it can be built with; the first is the default. */
  readonly vteps: readonly Vtep[];
  /** How many hypervisors, 2 or 3. */
  readonly hosts: number;
  readonly underlay: 'ipv4' | 'ipv6';
  /** Logical switches; `vnis` are the hypervisors that disagree. */
  readonly networks: readonly { readonly vni: number; readonly vnis?: Readonly<Record<string, number>> }[];
  readonly port: number;
  /** Hypervisors that listen and send elsewhere. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether the bridge keeps from answering ARP for the VM's address. */
  readonly arpIgnore: boolean;
  /** Whether the VMs know each other's MACs beforehand. */
  readonly knownNeighbours: boolean;
  /** Whether underlay neighbours are resolved before the first tunnel packet (OVS drops it otherwise). */
  readonly prime: boolean;
  /** Hypervisors without a flood list. */
  readonly noFlood: readonly string[];
  /** MTU of the VM's port and of the kernel's tunnel interface. */
  readonly vmMtu: number;
  /** 802.1Q tag that the VMs send with; 0 is none. */
  readonly vlan: number;
  /** What the wire between the hypervisors does to VXLAN frames. */
  readonly wire: null | {
    readonly fault: 'loss' | 'duplicate' | 'reorder';
    readonly percent: number;
    readonly seed: number;
  };
  readonly traffic: readonly Action[];
  readonly expect: Expectation;
}

const DEFAULTS = {
  hosts: 2,
  underlay: 'ipv4',
  networks: [{ vni: 5000 }],
  port: 4789,
  ports: {},
  arpIgnore: true,
  knownNeighbours: false,
  prime: true,
  noFlood: [],
  vmMtu: 1500,
  vlan: 0,
  wire: null,
  traffic: [{ ping: { from: 'vm1', to: 'vm2', answered: true } }],
} as const;

/** Where the files are: beside this module, or beside the bundle in `dist/lab`. */
export const LAB_FILES = new URL('../lab/', import.meta.url);

/** Names of the scenarios that ship, sorted. */
export function scenarioNames(): string[] {
  return readdirSync(new URL('scenarios/', LAB_FILES))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.slice(0, -'.yaml'.length))
    .sort();
}

/** Reads a scenario that ships. @throws VxdumpError E_LAB_SCENARIO */
export function loadScenario(name: string): Scenario {
  const names = scenarioNames();
  if (!names.includes(name)) {
    throw new VxdumpError('E_LAB_SCENARIO', `no scenario ${name}: there are ${names.join(', ')}`);
  }
  return parseScenario(readFileSync(new URL(`scenarios/${name}.yaml`, LAB_FILES), 'utf8'));
}

/** A scenario file's text → the scenario. */
export function parseScenario(text: string): Scenario {
  return { ...DEFAULTS, ...(parse(text) as Pick<Scenario, 'name' | 'title' | 'vteps' | 'expect'>) };
}
