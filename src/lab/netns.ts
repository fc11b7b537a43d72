/**
 * Hypervisors as network namespaces of this machine, and one more, `wire`, that joins their eth0. Nothing but the names of
 * the namespaces shows outside of them.
 */
import { fileURLToPath } from 'node:url';
import { type Placement, STATE_ROOT } from './placement.js';
import { LAB_FILES, type Scenario } from './scenario.js';
import type { CommandStep, Step } from './step.js';
import { type Host, hostsOf, nodesOf } from './topology.js';

/** The name of a node's namespace. */
export function namespaceOf(lab: string, node: string): string {
  return `vxdump-${lab}-${node}`;
}

/** Network namespaces. @param lab the lab's name */
export function netns(lab: string): Placement {
  const folder = (node: string): string => `${STATE_ROOT}/${lab}/${node}`;
  const inside = (node: string, argv: readonly string[]): string[] => [
    'ip',
    'netns',
    'exec',
    namespaceOf(lab, node),
    ...argv,
  ];
  return {
    inside,
    folder,
    settings: (node, settings) => inside(node, ['sysctl', '-qw', ...settings]),
    writes: (node, _name, argv, file) => ({ argv: inside(node, [...argv, file]), signal: null }),
    nodes: (scenario) => [
      { title: 'namespaces', lanes: nodesOf(scenario, 'netns').map(makeNode) },
      { title: 'wire', lanes: [wire(scenario), ...hostsOf(scenario).map((host) => cables(host, scenario))] },
    ],
  };

  function makeNode(node: string): Step[] {
    const namespace = namespaceOf(lab, node);
    return [
      { do: 'command', title: `namespace ${node}`, argv: ['ip', 'netns', 'add', namespace], undo: removal(namespace) },
      quiet(node),
    ];
  }

  /** IPv6 off at once, or it speaks at random times. */
  function quiet(node: string): CommandStep {
    const settings = ['net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.default.disable_ipv6=1'];
    return { do: 'command', title: `${node}: IPv6 off`, argv: inside(node, ['sysctl', '-qw', ...settings]) };
  }

  /** From a hypervisor to the VMs that live apart from it; both ends have the VM's name. */
  function cables({ name, vms }: Host, { vmMtu }: Scenario): Step[] {
    return vms
      .filter(({ node }) => node !== name)
      .map((vm) => ({
        do: 'command',
        title: `${name}: cable to ${vm.name}`,
        argv: inside(name, [
          ...['ip', 'link', 'add', vm.name, 'mtu', String(vmMtu), 'type', 'veth'],
          ...[
            'peer',
            'name',
            vm.interface,
            'address',
            vm.mac,
            'mtu',
            String(vmMtu),
            'netns',
            namespaceOf(lab, vm.node),
          ],
        ]),
      }));
  }

  function wire(scenario: Scenario): Step[] {
    const ends = hostsOf(scenario);
    const links = ends.flatMap<CommandStep>(({ name, mac }) => [
      {
        do: 'command',
        title: `cable to ${name}`,
        argv: inside('wire', [
          ...['ip', 'link', 'add', name, 'type', 'veth'],
          ...['peer', 'name', 'eth0', 'address', mac, 'netns', namespaceOf(lab, name)],
        ]),
      },
      { do: 'command', title: `${name} up`, argv: inside('wire', ['ip', 'link', 'set', name, 'up']) },
    ]);
    if (scenario.wire !== null) {
      const { fault, percent, seed } = scenario.wire;
      const relay = fileURLToPath(new URL('relay.py', LAB_FILES));
      const options = [fault, String(percent), String(seed), ...ends.map(({ name }) => name)];
      const argv = inside('wire', ['/usr/bin/python3', relay, ...options]);
      return [
        ...links,
        { do: 'start', title: `relay: ${fault} ${percent} %`, name: 'relay', argv, signal: null, ready: 'ready' },
      ];
    }
    const bridge = ['ip', 'link', 'add', 'wire', 'type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0'];
    return [
      { do: 'command', title: 'switch', argv: inside('wire', bridge) },
      ...links,
      ...ends.map<CommandStep>(({ name }) => ({
        do: 'command',
        title: `${name} to the switch`,
        argv: inside('wire', ['ip', 'link', 'set', name, 'master', 'wire']),
      })),
      { do: 'command', title: 'switch up', argv: inside('wire', ['ip', 'link', 'set', 'wire', 'up']) },
    ];
  }
}

/** Ends what runs in a namespace, then removes it. Zombies are in no namespace, so that they do not count. */
function removal(namespace: string): string[] {
  const script = `
[ -e /run/netns/$0 ] || exit 0
for try in $(seq 200); do
  pids=$(ip netns pids $0) && [ -z "$pids" ] && break
  kill -KILL $pids 2>/dev/null; sleep 0.01
done
ip netns del $0`;
  return ['sh', '-c', script.trim(), namespace];
}
