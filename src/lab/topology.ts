/**
 * The hypervisors, VMs and addresses of a scenario: the lab of the blog post, with up to three hypervisors.
 */
import { VxdumpError } from '../errors.js';
import type { RuntimeName } from './placement.js';
import type { Scenario } from './scenario.js';

/** A VM: an interface of its hypervisor. A further tenant's has the same addresses, so that it needs a node of its own. */
export interface Vm {
  readonly name: string;
  /** The node that it lives in. */
  readonly node: string;
  /** The interface that has its address: itself, or where it tags what it sends, one behind it. */
  readonly interface: string;
  readonly mac: string;
  readonly address: string;
  readonly vni: number;
  /** Index of its logical switch. */
  readonly network: number;
}

/** A hypervisor. */
export interface Host {
  readonly name: string;
  readonly mac: string;
  readonly address: string;
  readonly prefixLen: number;
  readonly port: number;
  readonly vms: readonly Vm[];
  readonly floods: boolean;
}

/** A place where frames are captured, and the file that they go to. */
export interface TapPoint {
  readonly tap: string;
  readonly host: string;
  readonly interface: string;
  readonly file: string;
}

/** The hypervisors of a scenario, hv1 first. */
export function hostsOf(scenario: Scenario): Host[] {
  return Array.from({ length: scenario.hosts }, (_, index) => {
    const number = index + 1;
    const name = `hv${number}`;
    return {
      name,
      mac: `02:42:0a:0${index}:00:01`,
      address: scenario.underlay === 'ipv6' ? `fd00::${number}` : `10.${index}.0.1`,
      prefixLen: scenario.underlay === 'ipv6' ? 64 : 8,
      port: scenario.ports[name] ?? scenario.port,
      floods: !scenario.noFlood.includes(name),
      vms: scenario.networks.map(({ vni, vnis }, network) => ({
        name: vmName(number, network),
        node: network === 0 ? name : vmName(number, network),
        interface: scenario.vlan === 0 ? vmName(number, network) : `guest${number}`,
        mac: `00:00:00:00:00:0${number}`,
        address: `192.168.1.${number}`,
        vni: vnis?.[name] ?? vni,
        network,
      })),
    };
  });
}

function vmName(host: number, network: number): string {
  return `vm${host}${network === 0 ? '' : String.fromCharCode(97 + network)}`;
}

/** The names of a lab's nodes: hypervisors, VMs apart from them, and the wire where that is a node too. */
export function nodesOf(scenario: Scenario, runtime: RuntimeName): string[] {
  const nodes = new Set(hostsOf(scenario).flatMap(({ name, vms }) => [name, ...vms.map(({ node }) => node)]));
  return runtime === 'netns' ? [...nodes, 'wire'] : [...nodes];
}

/** UDP ports that a reader of the captures must take for VXLAN. */
export function vxlanPorts(scenario: Scenario): number[] {
  return [...new Set([4789, 8472, ...hostsOf(scenario).map(({ port }) => port)])];
}

/** Where the lab captures, and the blog's names for the files. */
export function tapPoints(scenario: Scenario): TapPoint[] {
  return hostsOf(scenario).flatMap((host, index) => [
    ...host.vms.map(({ name }) => ({
      tap: `${name}_overlay`,
      host: host.name,
      interface: name,
      file: `${name}_overlay.pcap`,
    })),
    {
      tap: `vm${index + 1}_underlay`,
      host: host.name,
      interface: 'eth0',
      file: `vm${index + 1}_underlay.pcap`,
    },
  ]);
}

/** Finds a VM. @throws VxdumpError E_LAB_SCENARIO where no hypervisor has it */
export function findVm(hosts: readonly Host[], name: string): Vm {
  const vms = hosts.flatMap((host) => host.vms);
  const vm = vms.find((each) => each.name === name);
  if (vm === undefined) {
    const names = vms.map((each) => each.name).join(', ');
    throw new VxdumpError('E_LAB_SCENARIO', `the scenario has no VM ${name}: there are ${names}`);
  }
  return vm;
}
