/** Findings on the captures of the lab: what was done to each is known, and exactly that has to come out. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze.js';
import type { Finding } from '../../src/findings/finding.js';
import { loadScenario, scenarioNames } from '../../src/lab/scenario.js';
import { corpusPath } from '../helpers/corpus.js';

const corpus = corpusPath('findings on the lab');
const FIXTURES = 'fixtures/captures';

/** Ids above info, with their severities: what breaks or may break traffic. */
function grave(findings: readonly Finding[]): string[] {
  const told = findings.filter(({ severity }) => severity !== 'info').map(({ id, severity }) => `${severity} ${id}`);
  return [...new Set(told)].sort();
}

/** Of each directory, what is said of it above info, and what below. */
const LAB: Readonly<Record<string, { readonly grave: readonly string[]; readonly info: readonly string[] }>> = {
  golden: { grave: [], info: ['checksum-offload', 'first-packet-wait'] },
  'kernel-golden': { grave: [], info: ['first-packet-wait'] },
  'ovs-golden': { grave: [], info: [] },
  'ovs-docker-golden': { grave: [], info: [] },
  'ovs-unshielded': { grave: ['warning first-packet-wait'], info: ['icmp-from-vtep-kernel'] },
  'golden-noisy': {
    grave: ['warning arp-flux'],
    info: ['checksum-offload', 'first-packet-wait', 'time-goes-backwards'],
  },
  'port-8472': { grave: [], info: ['checksum-offload', 'first-packet-wait'] },
  udpcsum: { grave: [], info: ['checksum-offload', 'first-packet-wait'] },
  'vni-mismatch': {
    grave: ['error arp-unanswered', 'error not-decapsulated'],
    info: ['checksum-offload', 'first-packet-wait'],
  },
  'her-3vteps': { grave: [], info: ['checksum-offload', 'first-packet-wait', 'time-goes-backwards'] },
  'three-hv': { grave: [], info: ['first-packet-wait', 'time-goes-backwards'] },
  'mtu-fragment': {
    grave: ['warning inner-exceeds-mtu', 'warning outer-fragmented'],
    info: ['checksum-offload', 'first-packet-wait'],
  },
  'two-vnis': { grave: [], info: ['first-packet-wait'] },
  'derived-loss': { grave: [], info: ['checksum-offload', 'first-packet-wait', 'tap-missed-frames'] },
  'derived-dup': { grave: ['warning duplicates'], info: ['checksum-offload', 'first-packet-wait'] },
  reorder20: { grave: ['warning reordering'], info: ['first-packet-wait'] },
  'ipv6-underlay-zerocsum': { grave: [], info: ['first-packet-wait', 'zero-udp-checksum-ipv6'] },
  'tcp-offload-on': { grave: [], info: ['checksum-offload', 'first-packet-wait'] },
};

describe.skipIf(corpus === null)('findings on the lab', () => {
  it.each(Object.entries(LAB))('%s: all taps together', async (lab, expected) => {
    const folder = join(corpus as string, 'lab', lab);
    const captures = readdirSync(folder)
      .filter((file) => file.endsWith('.pcap') && !file.includes('any'))
      .sort()
      .map((file) => join(folder, file));
    const { findings } = await analyze(captures);
    expect(grave(findings)).toEqual(expected.grave);
    const info = findings.filter(({ severity }) => severity === 'info').map(({ id }) => id);
    expect([...new Set(info)].sort()).toEqual(expected.info);
  });

  it('golden-noisy, all interfaces of a host in one capture', async () => {
    const { findings } = await analyze([join(corpus as string, 'lab', 'golden-noisy', 'hv1_any.pcap')]);
    expect(grave(findings)).toEqual(['warning arp-flux']);
    expect(findings.map(({ id }) => id)).not.toContain('tap-missed-frames');
  });

  it.each(
    (corpus === null ? [] : readdirSync(join(corpus, 'lab'), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name),
  )('%s is in the table', (lab) => expect(Object.keys(LAB)).toContain(lab));
});

describe('findings on a run of each scenario', () => {
  it.each(scenarioNames())('%s', async (name) => {
    // Named as a run names them: an empty capture has a role by its name alone.
    const roles = new Map<string, 'overlay' | 'underlay'>();
    for (const file of readdirSync(FIXTURES)) {
      const [, host, tap] = new RegExp(`^lab-${name}\\.(hv\\d+)-(\\w+)\\.pcap$`).exec(file) ?? [];
      if (host !== undefined)
        roles.set(`${host}:${host}-${tap}=${join(FIXTURES, file)}`, tap === 'eth0' ? 'underlay' : 'overlay');
    }
    const { findings } = await analyze([...roles.keys()], { roles });
    const expected = (loadScenario(name).expect.findings ?? []).filter(({ severity }) => severity !== 'info');
    expect(grave(findings)).toEqual(expected.map(({ id, severity }) => `${severity} ${id}`).sort());
  });
});
