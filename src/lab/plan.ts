/**
 * Scenario → plan: every command of a run, in order, before any of them runs. Pure.
 */
import { forgetFlood, kernelHypervisor, ovsHypervisor, type Site } from './hypervisor.js';
import type { Placement } from './placement.js';
import type { Scenario, Vtep } from './scenario.js';
import type { CommandStep, Plan, Step } from './step.js';
import { findVm, hostsOf, tapPoints } from './topology.js';

/** Where a lab is built, and of what. */
export interface PlanOptions {
  readonly lab: string;
  readonly vtep: Vtep;
  readonly placement: Placement;
  /** Folder on this machine that captures go to. */
  readonly output: string;
}

/** The plan of a scenario. */
export function makePlan(scenario: Scenario, { lab, vtep, placement, output }: PlanOptions): Plan {
  const hosts = hostsOf(scenario);
  const site = (name: string): Site => ({
    scenario,
    placement,
    host: hosts.find((host) => host.name === name) as Site['host'],
    peers: hosts.filter((host) => host.name !== name),
  });
  const build = vtep === 'ovs' ? ovsHypervisor : kernelHypervisor;
  return {
    lab,
    up: [...placement.nodes(scenario), { title: 'hypervisors', lanes: hosts.map(({ name }) => build(site(name))) }],
    captures: {
      title: 'captures ready',
      lanes: tapPoints(scenario).map(({ tap, host, interface: name, file }) => [
        capture(placement, tap, host, name, `${output}/${file}`),
      ]),
    },
    prime: { title: 'prime', lanes: vtep === 'ovs' && scenario.prime ? [prime()] : [] },
    traffic: {
      title: 'traffic',
      lanes: [
        scenario.traffic.flatMap((action) => [
          ...(action.ping === undefined ? [] : [ping(action.ping)]),
          ...(action.forgetFlood === undefined ? [] : forgetFlood(vtep, site(action.forgetFlood))),
        ]),
      ],
    },
  };

  /** OVS drops the first tunnel packet while it resolves the neighbour: here that is done before. */
  function prime(): Step[] {
    const [first, ...others] = hosts as [Site['host'], ...Site['host'][]];
    return others.map((host) => ({
      do: 'command',
      title: `${first.name} resolves ${host.name}`,
      argv: placement.inside(first.name, ['arping', '-q', '-c1', '-w2', '-I', 'br-phy', host.address]),
    }));
  }

  function ping(wanted: NonNullable<Scenario['traffic'][number]['ping']>): CommandStep {
    const vm = findVm(hosts, wanted.from);
    const target = findVm(hosts, wanted.to);
    const argv = ['ping', '-n', '-q', '-I', vm.interface, '-c', String(wanted.count ?? 1)];
    if (wanted.size !== undefined) argv.push('-s', String(wanted.size));
    if (wanted.mayFragment) argv.push('-M', 'dont');
    if (wanted.intervalSeconds !== undefined) argv.push('-i', String(wanted.intervalSeconds));
    const wait = String(wanted.waitSeconds ?? 5);
    argv.push('-W', wait, '-w', wait, target.address);
    return {
      do: 'command',
      title: `${vm.name} pings ${target.name}`,
      argv: placement.inside(vm.node, argv),
      ...(wanted.answered === true ? {} : { answers: wanted.answered === false ? [1] : [0, 1] }),
    };
  }
}

/** A capture of one interface. */
export function capture(placement: Placement, tap: string, node: string, name: string, file: string): Step {
  const argv = ['tcpdump', '-Z', 'root', '-U', '--immediate-mode', '-n', '-B', '8192', '-i', name, '-w'];
  return {
    do: 'start',
    title: `capture ${tap}`,
    name: tap,
    ...placement.writes(node, tap, argv, file),
    ready: 'listening on',
  };
}
