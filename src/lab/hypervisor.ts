/**
 * The steps that turn a node with an eth0 into a hypervisor: the kernel's VXLAN, or Open vSwitch with the OVS VTEP emulator.
 */
import { ovsEnvironment, type Placement } from './placement.js';
import type { Scenario } from './scenario.js';
import type { Step } from './step.js';
import type { Host, Vm } from './topology.js';

const ANY_MAC = '00:00:00:00:00:00';
const SCHEMAS = '/usr/share/openvswitch';

/** What a builder of hypervisors is given. */
export interface Site {
  readonly scenario: Scenario;
  readonly host: Host;
  readonly peers: readonly Host[];
  readonly placement: Placement;
}

class Steps {
  readonly list: Step[];
  readonly #site: Site;
  readonly #env: string[];

  constructor(site: Site) {
    this.list = [];
    this.#site = site;
    this.#env = ovsEnvironment(site.placement.folder(site.host.name));
  }

  run(title: string, ...argv: string[]): void {
    this.runIn(this.#site.host.name, title, ...argv);
  }

  runIn(node: string, title: string, ...argv: string[]): void {
    this.list.push({ do: 'command', title: `${node}: ${title}`, argv: this.#site.placement.inside(node, argv) });
  }

  ovs(title: string, ...argv: string[]): void {
    this.run(title, ...this.#env, ...argv);
  }

  set(title: string, ...settings: string[]): void {
    const { host, placement } = this.#site;
    const argv = placement.settings(host.name, settings);
    if (argv !== null) this.list.push({ do: 'command', title: `${host.name}: ${title}`, argv });
  }

  wait(title: string, has: string[], ...argv: string[]): void {
    const { host, placement } = this.#site;
    const inner = placement.inside(host.name, [...this.#env, ...argv]);
    this.list.push({ do: 'wait', title: `${host.name}: ${title}`, argv: inner, has });
  }
}

/** The kernel's VXLAN interface behind a bridge. */
export function kernelHypervisor(site: Site): Step[] {
  const { scenario, host, peers } = site;
  const steps = new Steps(site);
  if (scenario.arpIgnore) steps.set('one answer to ARP', 'net.ipv4.conf.all.arp_ignore=1');
  if (scenario.underlay === 'ipv6') {
    const settings = ['disable_ipv6=0', 'accept_ra=0', 'router_solicitations=0', 'dad_transmits=0'];
    steps.set('IPv6 on eth0', ...settings.map((setting) => `net.ipv6.conf.eth0.${setting}`));
  }
  const nodad = scenario.underlay === 'ipv6' ? ['nodad'] : [];
  steps.run('eth0 address', 'ip', 'addr', 'add', `${host.address}/${host.prefixLen}`, 'dev', 'eth0', ...nodad);
  steps.run('eth0 up', 'ip', 'link', 'set', 'eth0', 'up');
  for (const vm of host.vms) {
    const suffix = vm.network === 0 ? '' : String(vm.network);
    const [bridge, tunnel] = [`br${vm.network}`, `vxlan${vm.network}`];
    const back = vm.node === host.name ? `${vm.name}-br` : vm.name;
    const bridgeOptions = ['forward_delay', '0', 'stp_state', '0', 'mcast_snooping', '0'];
    steps.run(`bridge${suffix}`, 'ip', 'link', 'add', bridge, 'type', 'bridge', ...bridgeOptions);
    if (vm.node === host.name) {
      const port = ['address', vm.mac, 'mtu', String(scenario.vmMtu), 'type', 'veth', 'peer', 'name', back];
      steps.run(vm.name, 'ip', 'link', 'add', vm.name, ...port, 'mtu', String(scenario.vmMtu));
    }
    const noChecksum = scenario.underlay === 'ipv6' ? ['udp6zerocsumtx', 'udp6zerocsumrx'] : ['noudpcsum'];
    steps.run(
      tunnel,
      ...['ip', 'link', 'add', tunnel, 'mtu', String(scenario.vmMtu), 'type', 'vxlan', 'id', String(vm.vni)],
      ...['local', host.address, 'dstport', String(host.port), 'nolearning', ...noChecksum],
    );
    for (const [master, slave] of [
      [bridge, back],
      [bridge, tunnel],
    ] as const) {
      steps.run(`${slave} in ${master}`, 'ip', 'link', 'set', slave, 'master', master, 'up');
    }
    steps.run(`${bridge} up`, 'ip', 'link', 'set', bridge, 'up');
    for (const peer of peers) {
      if (host.floods) steps.run('flood list', 'bridge', ...floodEntry('append', tunnel, peer));
      const twin = peer.vms[vm.network] as Vm;
      steps.run('remote MAC', 'bridge', 'fdb', 'add', twin.mac, 'dev', tunnel, 'dst', peer.address);
    }
  }
  vmAddresses(steps, site);
  return steps.list;
}

function floodEntry(verb: 'append' | 'del', tunnel: string, peer: Host): string[] {
  return ['fdb', verb, ANY_MAC, 'dev', tunnel, 'dst', peer.address];
}

/** Open vSwitch on its userspace datapath, one instance for each hypervisor, with ovs-vtep. */
export function ovsHypervisor(site: Site): Step[] {
  const { scenario, host, peers, placement } = site;
  const folder = placement.folder(host.name);
  const steps = new Steps(site);
  const daemon = ['--pidfile', '--detach', '--no-chdir', '--log-file', '-vconsole:off'];
  steps.run('folder', 'mkdir', '-p', folder);
  for (const [database, schema] of [
    ['conf', 'vswitch'],
    ['vtep', 'vtep'],
  ]) {
    steps.ovs('database', 'ovsdb-tool', 'create', `${folder}/${database}.db`, `${SCHEMAS}/${schema}.ovsschema`);
  }
  const remotes = [`--remote=punix:${folder}/db.sock`, '--remote=db:hardware_vtep,Global,managers'];
  steps.ovs('ovsdb-server', 'ovsdb-server', ...daemon, ...remotes, `${folder}/conf.db`, `${folder}/vtep.db`);
  steps.ovs('ovs-vsctl init', 'ovs-vsctl', '--no-wait', 'init');
  steps.ovs('ovs-vswitchd', 'ovs-vswitchd', ...daemon, `unix:${folder}/db.sock`);
  // eth0 is br-phy's port: the kernel's own stack must not answer on it as well.
  steps.set('shield eth0', 'net.ipv4.conf.eth0.rp_filter=1');
  steps.run('eth0 up', 'ip', 'link', 'set', 'eth0', 'up');
  for (const vm of host.vms) {
    if (vm.interface !== vm.name) tagger(steps, vm, scenario);
    if (vm.node !== host.name) steps.run(`${vm.name} up`, 'ip', 'link', 'set', vm.name, 'up');
  }
  const ports = host.vms.flatMap((vm) => [
    ...['--', 'add-port', 'br0', vm.name],
    ...(vm.interface === vm.name && vm.node === host.name ? internalPort(vm, scenario) : []),
  ]);
  steps.ovs(
    'bridges',
    ...['ovs-vsctl', 'add-br', 'br-phy'],
    ...['--', 'set', 'Bridge', 'br-phy', 'datapath_type=netdev', `other-config:hwaddr=${host.mac}`],
    ...['--', 'add-port', 'br-phy', 'eth0'],
    ...['--', 'add-br', 'br0', '--', 'set', 'Bridge', 'br0', 'datapath_type=netdev', ...ports],
  );
  steps.run('tunnel address', 'ip', 'addr', 'add', `${host.address}/${host.prefixLen}`, 'dev', 'br-phy');
  steps.run('br-phy up', 'ip', 'link', 'set', 'br-phy', 'up');
  steps.ovs(
    'physical switch',
    ...['vtep-ctl', 'add-ps', 'br0', '--', 'set', 'Physical_Switch', 'br0', `tunnel_ips=${host.address}`],
  );
  const script = [`${SCHEMAS}/scripts/ovs-vtep`, '--log-file', '--pidfile', '--detach', 'br0'];
  steps.ovs('ovs-vtep', '/usr/bin/python3', ...script);
  // bind-ls fails until ovs-vtep has published the ports.
  steps.wait(
    'ports published',
    host.vms.map(({ name }) => `^${name}$`),
    'vtep-ctl',
    'list-ports',
    'br0',
  );
  const tables = host.vms.flatMap((vm) => {
    const logical = `ls${vm.network}`;
    return [
      ...['--', 'add-ls', logical],
      ...['--', 'set', 'Logical_Switch', logical, `tunnel_key=${vm.vni}`, 'replication_mode=source_node'],
      ...['--', 'bind-ls', 'br0', vm.name, String(scenario.vlan), logical],
      ...peers.flatMap((peer) => [
        ...['--', 'add-ucast-remote', logical, (peer.vms[vm.network] as Vm).mac, peer.address],
        ...(host.floods ? ['--', 'add-mcast-remote', logical, 'unknown-dst', peer.address] : []),
      ]),
    ];
  });
  steps.ovs('logical switches', 'vtep-ctl', ...tables.slice(1));
  vmAddresses(steps, site);
  for (const vm of host.vms) {
    const remotes = peers.map((peer) => `dl_dst=${(peer.vms[vm.network] as Vm).mac} `);
    // The flood flow goes to the VM, and to each tunnel on the list.
    const flood = host.floods ? [`priority=0 actions=(output:[^,]+,){${peers.length}}output`] : [];
    const bridge = `br0_vtep_ls${vm.network + 1}`;
    steps.wait('flows', [...remotes, ...flood], 'ovs-ofctl', '--no-stats', 'dump-flows', bridge);
  }
  return steps.list;
}

function internalPort(vm: Vm, { vmMtu }: Scenario): string[] {
  const values = ['type=internal', `mac="${vm.mac}"`, `mtu_request=${vmMtu}`];
  return ['--', 'set', 'Interface', vm.interface, ...values];
}

/** The VM's own switch: its access port is the VM's interface, its trunk leads to br0. No 8021q module is needed. */
function tagger(steps: Steps, vm: Vm, scenario: Scenario): void {
  const trunk = `${vm.name}-trunk`;
  steps.run('trunk', 'ip', 'link', 'add', vm.name, 'type', 'veth', 'peer', 'name', trunk);
  for (const name of [vm.name, trunk]) steps.run(`${name} up`, 'ip', 'link', 'set', name, 'up');
  steps.ovs(
    'tagging switch',
    ...['ovs-vsctl', 'add-br', 'br-vm', '--', 'set', 'Bridge', 'br-vm', 'datapath_type=netdev'],
    ...['--', 'add-port', 'br-vm', trunk],
    ...['--', 'add-port', 'br-vm', vm.interface, `tag=${scenario.vlan}`, ...internalPort(vm, scenario)],
  );
}

function vmAddresses(steps: Steps, { scenario, host, peers }: Site): void {
  for (const vm of host.vms) {
    steps.runIn(vm.node, `${vm.name} address`, 'ip', 'addr', 'add', `${vm.address}/24`, 'dev', vm.interface);
    steps.runIn(vm.node, `${vm.name} up`, 'ip', 'link', 'set', vm.interface, 'up');
    if (!scenario.knownNeighbours) continue;
    for (const peer of peers) {
      const twin = peer.vms[vm.network] as Vm;
      const entry = ['to', twin.address, 'lladdr', twin.mac, 'dev', vm.interface, 'nud', 'permanent'];
      steps.runIn(vm.node, 'known neighbour', 'ip', 'neigh', 'add', ...entry);
    }
  }
}

/** Empties a flood list while the network runs. */
export function forgetFlood(vtep: 'ovs' | 'kernel', site: Site): Step[] {
  const steps = new Steps(site);
  for (const vm of site.host.vms) {
    for (const peer of site.peers) {
      const { address } = peer;
      if (vtep === 'kernel') {
        steps.run('forget flood list', 'bridge', ...floodEntry('del', `vxlan${vm.network}`, peer));
      } else steps.ovs('forget flood list', 'vtep-ctl', 'del-mcast-remote', `ls${vm.network}`, 'unknown-dst', address);
    }
    if (vtep === 'ovs') {
      const bridge = `br0_vtep_ls${vm.network + 1}`;
      steps.wait(
        'flood flow gone',
        ['priority=0 actions=output:[^,]+$'],
        'ovs-ofctl',
        '--no-stats',
        'dump-flows',
        bridge,
      );
    }
  }
  return steps.list;
}
