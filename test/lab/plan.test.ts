/**
 * Plans: pure, the same every time, and such that a failure at any step undoes exactly what came before it.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compose } from '../../src/lab/compose.js';
import { netns } from '../../src/lab/netns.js';
import { makePlan } from '../../src/lab/plan.js';
import { Runner } from '../../src/lab/run.js';
import type { Runtime } from '../../src/lab/runtime.js';
import { loadScenario, scenarioNames, type Vtep } from '../../src/lab/scenario.js';
import { commandLine, type Plan, type Step } from '../../src/lab/step.js';
import { type Host, hostsOf, type Vm } from '../../src/lab/topology.js';

const root = new URL('../../', import.meta.url);

function plan(name: string, vtep: Vtep, lab = 'test'): Plan {
  return makePlan(loadScenario(name), { lab, vtep, placement: netns(lab), output: '/out' });
}

function stepsOf({ up, captures, prime, traffic }: Plan): Step[] {
  return [...up, captures, prime, traffic].flatMap(({ lanes }) => lanes.flat());
}

/** Runs nothing: writes down what it is told, and fails at one command. */
class Recorder implements Runtime {
  readonly log: string[] = [];
  #left: number;

  constructor(failAt: number) {
    this.#left = failAt;
  }

  async run(argv: readonly string[]): Promise<string> {
    this.#tell('run', argv);
    return '^vm1$\nvm1\nvm2\nvm3\nvm1b\nvm2b\ndl_dst=00:00:00:00:00:01 dl_dst=00:00:00:00:00:02 \npriority=0 actions=output:1,output:2';
  }

  async start({ argv }: { argv: readonly string[] }) {
    this.#tell('start', argv);
    return {
      pid: 1,
      settle: async () => {},
      stop: async () => {
        this.log.push(`stop ${commandLine(argv)}`);
        return '';
      },
    };
  }

  #tell(what: string, argv: readonly string[]): void {
    this.log.push(`${what} ${commandLine(argv)}`);
    if (--this.#left === 0) throw new Error('made to fail');
  }
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

  it('for Docker enters containers only, and undoes with compose down', () => {
    const placement = compose('test', ['docker', 'compose'], '/out');
    const docker = makePlan(loadScenario('six-packet'), { lab: 'test', vtep: 'ovs', placement, output: '/out' });
    for (const { argv } of stepsOf(docker).slice(1)) {
      expect(argv.slice(0, 3).join(' ')).toMatch(/^docker exec vxdump-test-hv[12]$/);
    }
    const first = stepsOf(docker)[0] as Extract<Step, { do: 'command' }>;
    expect(first.undo?.slice(-4)).toEqual(['down', '-v', '-t', '0']);
    expect(() => placement.nodes(loadScenario('loss'))).toThrow('--runtime netns');
  });
});

describe('a runner', () => {
  /** One lane, so that order is the plan's. */
  const flat = (source: Plan): Step[] => stepsOf(source);

  async function runFailingAt(failAt: number, steps: readonly Step[]): Promise<string[]> {
    const recorder = new Recorder(failAt);
    const runner = new Runner({ runtime: recorder });
    await expect(runner.phase({ title: 'all', lanes: [steps] })).rejects.toThrow('made to fail');
    const before = recorder.log.length;
    expect(before).toBe(failAt);
    expect(await runner.undo()).toEqual([]);
    return recorder.log.slice(before);
  }

  it.each([
    ['six-packet', 'ovs'],
    ['six-packet', 'kernel'],
    ['loss', 'kernel'],
  ] as const)('of %s with %s that fails at step n undoes n-1 … 1, for every n', async (name, vtep) => {
    const steps = flat(plan(name, vtep));
    for (let failAt = 1; failAt <= steps.length; failAt++) {
      const expected = steps
        .slice(0, failAt - 1)
        .flatMap((step) => {
          if (step.do === 'start') return [`stop ${commandLine(step.argv)}`];
          return step.do === 'command' && step.undo !== undefined ? [`run ${commandLine(step.undo)}`] : [];
        })
        .reverse();
      expect(await runFailingAt(failAt, steps), `step ${failAt}`).toEqual(expected);
    }
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
