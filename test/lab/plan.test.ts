/**
 * Plans: pure, the same every time, and such that a failure at any step undoes exactly what came before it.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { draw } from '../../src/lab/blueprint.js';
import { netns } from '../../src/lab/netns.js';
import { makePlan } from '../../src/lab/plan.js';
import { countsIn } from '../../src/lab/record.js';
import { Runner } from '../../src/lab/run.js';
import type { Runtime } from '../../src/lab/runtime.js';
import { loadScenario, parseScenario, scenarioNames, type Vtep } from '../../src/lab/scenario.js';
import { commandLine, type Plan } from '../../src/lab/step.js';
import { type Host, hostsOf, type Vm } from '../../src/lab/topology.js';
import { failAtEveryStep, Recorder, stepsOf } from './recorder.js';

const root = new URL('../../', import.meta.url);

function plan(name: string, vtep: Vtep, lab = 'test'): Plan {
  return makePlan(loadScenario(name), { lab, vtep, placement: netns(lab), output: '/out' });
}

describe('scenarios', () => {
  const schema = JSON.parse(readFileSync(new URL('schema/lab-scenario.json', root), 'utf8'));
  const validate = new Ajv2020({ strict: true }).compile(schema);

  it.each(scenarioNames())('%s obeys the schema and is named as its file', (name) => {
    const data = parse(readFileSync(new URL(`src/lab/scenarios/${name}.yaml`, root), 'utf8'));
    expect(validate(data), JSON.stringify(validate.errors)).toBe(true);
    expect(data.name).toBe(name);
    expect(Object.keys(data.expect)).not.toEqual([]);
  });

  it('are those that the documentation promises', () => {
    expect(scenarioNames()).toEqual(
      [
        ...['six-packet', 'learned', 'three-vteps', 'two-vnis', 'ipv6-underlay', 'port-8472', 'vlan'],
        ...['mtu-black-hole', 'outer-fragments', 'vni-mismatch', 'port-mismatch', 'one-way-bum', 'loss'],
        ...['duplicates', 'reordering', 'arp-flux'],
      ].sort(),
    );
  });

  it('are refused where a ping is for a VM that they do not have', async () => {
    const text = readFileSync(new URL('src/lab/scenarios/six-packet.yaml', root), 'utf8');
    const scenario = parseScenario(`${text}traffic: [{ ping: { from: vm1, to: vm9 } }]\n`);
    await expect(draw(scenario, { lab: 'lab', runtime: 'netns' })).rejects.toMatchObject({
      code: 'E_LAB_SCENARIO',
      message: 'the scenario has no VM vm9: there are vm1, vm2',
    });
  });

  it('are refused by the schema where a word is not known', () => {
    expect(validate({ schema: 'vxdump.lab/1', name: 'x', title: 'x', vteps: ['ovs'], expect: {}, mtus: 1 })).toBe(
      false,
    );
  });
});

describe('a plan', () => {
  const all = scenarioNames().flatMap((name) => loadScenario(name).vteps.map((vtep) => [name, vtep] as const));

  it.each(all)('of %s with %s stays within the namespaces of its lab', (name, vtep) => {
    for (const { argv } of stepsOf(plan(name, vtep))) {
      expect(commandLine(argv)).toMatch(/^ip netns (add|exec) vxdump-test-(hv[123]|vm[12]b|wire)\b/);
    }
  });

  it('of one lab has nothing of another', () => {
    expect(JSON.stringify(plan('six-packet', 'ovs', 'one'))).not.toContain('vxdump-two');
  });

  it('has the captures ready before anything is sent', () => {
    const { captures, traffic } = plan('six-packet', 'kernel');
    expect(captures.lanes.flat().map((step) => step.argv.at(-1))).toEqual([
      '/out/vm1_overlay.pcap',
      '/out/vm1_underlay.pcap',
      '/out/vm2_overlay.pcap',
      '/out/vm2_underlay.pcap',
    ]);
    expect(traffic.lanes.flat().map(({ argv }) => argv.slice(4).join(' '))).toEqual([
      'ping -n -q -I vm1 -c 1 -W 5 -w 5 192.168.1.2',
    ]);
  });

  it('of two tenants gives both the same MACs and addresses, and each VM room of its own', () => {
    const [hv1, hv2] = hostsOf(loadScenario('two-vnis')) as [Host, Host];
    for (const { vms } of [hv1, hv2]) {
      const [first, second] = vms as [Vm, Vm];
      expect([second.mac, second.address]).toEqual([first.mac, first.address]);
      expect(second.node).not.toBe(first.node);
      expect(second.vni).not.toBe(first.vni);
    }
  });

  it('primes Open vSwitch, and not the kernel', () => {
    expect(plan('six-packet', 'ovs').prime.lanes.flat()).toHaveLength(1);
    expect(plan('six-packet', 'kernel').prime.lanes).toEqual([]);
  });
});

describe('what tcpdump counted', () => {
  it('is what it said last', () => {
    const asked = 'tcpdump: 0 packets captured, 4 packets received by filter, 0 packets dropped by kernel\n';
    const ended = '4 packets captured\n4 packets received by filter\n1 packet dropped by kernel\n';
    expect(countsIn(asked + ended)).toEqual({ frames: 4, dropped: 1 });
    expect(countsIn('')).toEqual({ frames: 0, dropped: 0 });
  });
});

describe('a runner', () => {
  it.each([
    ['six-packet', 'ovs'],
    ['six-packet', 'kernel'],
    ['two-vnis', 'kernel'],
    ['loss', 'kernel'],
  ] as const)('of %s with %s that fails at step n undoes n-1 … 1, for every n', async (name, vtep) => {
    await failAtEveryStep(stepsOf(plan(name, vtep)));
  });

  it('has the undo on record before the step acts', async () => {
    const log: string[] = [];
    const runtime: Runtime = {
      run: async (argv) => {
        log.push(commandLine(argv));
        return '';
      },
      start: () => Promise.reject(new Error('not here')),
    };
    const runner = new Runner({
      runtime,
      onUndo: (undo) => log.push(`undo known: ${undo.map(commandLine).join('; ')}`),
    });
    const step = { do: 'command', title: 'a', argv: ['make'], undo: ['unmake'] } as const;
    await runner.phase({ title: 'one', lanes: [[step]] });
    expect(log).toEqual(['undo known: unmake', 'make']);
  });

  it('begins no step once it is aborted, and still undoes', async () => {
    const recorder = new Recorder(0);
    const controller = new AbortController();
    const runner = new Runner({ runtime: recorder, signal: controller.signal });
    const step = { do: 'command', title: 'a', argv: ['make'], undo: ['unmake'] } as const;
    await runner.phase({ title: 'one', lanes: [[step]] });
    controller.abort();
    await expect(runner.phase({ title: 'two', lanes: [[step]] })).rejects.toMatchObject({ code: 'E_LAB_INTERRUPTED' });
    await runner.undo();
    expect(recorder.log).toEqual(['run make', 'run unmake']);
  });
});
