/**
 * The lab in containers, as far as a machine goes: the plan and its undo; the compose file, where Compose is installed; a
 * real run, where a Docker engine answers.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compose } from '../../src/lab/compose.js';
import { survey } from '../../src/lab/doctor.js';
import { makePlan } from '../../src/lab/plan.js';
import { loadScenario, type Vtep } from '../../src/lab/scenario.js';
import type { Plan, Step } from '../../src/lab/step.js';
import { hostsOf } from '../../src/lab/topology.js';
import { vxdump } from '../helpers/vxdump.js';
import { failAtEveryStep, stepsOf } from './recorder.js';

const file = fileURLToPath(new URL('../../src/lab/docker/compose.yaml', import.meta.url));
const versions = [['docker', 'compose'], ['docker-compose']].filter(
  ([command = '', ...words]) => spawnSync(command, [...words, 'version']).status === 0,
);
const engineAnswers = spawnSync('docker', ['info']).status === 0;
if (versions.length === 0) console.warn('the compose file was not given to Compose: it is not installed');
if (!engineAnswers) console.warn('the lab was not run with Docker: no engine answers');

function plan(name: string, vtep: Vtep): Plan {
  return makePlan(loadScenario(name), {
    lab: 'test',
    vtep,
    placement: compose('test', ['dc']),
    output: '/out',
  });
}

describe('a plan for Docker', () => {
  it('enters containers only, and undoes with compose down', () => {
    const [, up, ...others] = stepsOf(plan('six-packet', 'ovs'));
    for (const { argv } of others) {
      // A capture comes through the container's stdout: `sh -c … FILE` before it.
      const words = argv[0] === 'sh' ? argv.slice(4) : argv;
      expect(words.slice(0, 3).join(' ')).toMatch(/^docker exec vxdump-test-hv[12]$/);
    }
    expect((up as Extract<Step, { do: 'command' }>).undo?.slice(-4)).toEqual(['down', '-v', '-t', '0']);
  });

  it.each(['loss', 'ipv6-underlay', 'arp-flux', 'two-vnis'])('of %s is refused', (name) => {
    expect(() => plan(name, 'kernel')).toThrow(`${name} cannot be built with Docker: use --runtime netns`);
  });

  it.each(['ovs', 'kernel'] as const)('with %s that fails at step n undoes n-1 … 1, for every n', async (vtep) => {
    await failAtEveryStep(stepsOf(plan('six-packet', vtep)));
  });
});

describe('the compose file', () => {
  it.runIf(process.env['CI'] === 'true')('is given to Compose in CI', () => expect(versions).not.toEqual([]));

  it.each(versions)('is what the topology wants, as %s reads it', (...argv) => {
    const [command = '', ...words] = argv;
    const env = { ...process.env, VXDUMP_LAB: 'test' };
    const { status, stdout, stderr } = spawnSync(command, [...words, '-f', file, 'config'], { env, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const { services, networks } = parse(stdout);
    const hosts = hostsOf(loadScenario('three-vteps'));
    expect(Object.keys(services)).toEqual(hosts.map(({ name }) => name));
    for (const { name, mac, address } of hosts) {
      expect(services[name]).toMatchObject({
        container_name: `vxdump-test-${name}`,
        mac_address: mac,
        networks: { underlay: { ipv4_address: address } },
      });
      expect(services[name]).not.toHaveProperty('privileged');
      // Docker takes the first address of the subnet unless told another, and that is hv1's.
      expect(networks.underlay.ipam.config[0].gateway).not.toBe(address);
    }
    expect(networks.underlay.internal).toBe(true);
  });

  it('installs in the image what the doctor asks for on a machine', async () => {
    const dockerfile = readFileSync(new URL('Dockerfile', `file://${file}`), 'utf8');
    const nothing = { run: () => Promise.reject(new Error('not here')), start: () => Promise.reject(new Error('no')) };
    for (const vtep of ['ovs', 'kernel'] as const) {
      const needs = { runtime: 'netns', vtep, relay: false, searchPath: '' } as const;
      for (const { mend } of await survey(nothing, needs)) {
        const wanted = /apt-get install (\S+)/.exec(mend)?.[1];
        if (wanted !== undefined && wanted !== 'util-linux') expect(dockerfile).toContain(wanted);
      }
    }
  });
});

describe.runIf(engineAnswers)('lab run with Docker', () => {
  it('captures what it must, and leaves no container', async () => {
    const output = mkdtempSync(join(tmpdir(), 'vxdump-docker-'));
    const name = `t${process.pid}`;
    try {
      const run = ['lab', 'run', 'six-packet', '--runtime', 'docker', '--name', name, '-o', output, '--verify'];
      const { exit, stderr } = await vxdump([...run, '--quiet']);
      expect(stderr).toBe('');
      expect(exit).toBe(0);
      const left = spawnSync('docker', ['ps', '-aq', '--filter', `name=vxdump-${name}`], { encoding: 'utf8' });
      expect(left.stdout).toBe('');
    } finally {
      rmSync(output, { recursive: true });
    }
  }, 300_000);
});
