/** Several interfaces at once: their order, what pairs, the tables. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { it } from '../../helpers/live-hosts.js';
import { readPath, Scratch } from '../../helpers/read-capture.js';
import { canMakeNamespaces } from '../../helpers/veth-pair.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

describe.runIf(canMakeNamespaces())('several interfaces', { concurrent: true }, () => {
  it.for<[string, string[]]>([
    ['as frames tell', ['vx0', 'e0']],
    ['the other way round', ['e0', 'vx0']],
    ['as options say', ['--overlay', 'vx0', '--underlay', 'e0']],
    ['from children', ['vx0', 'e0', '--source', 'tcpdump']],
  ])('pairs frames with their encapsulations as they come: %s', async ([, words], { hosts }) => {
    const live = hosts.vxdump(...words, '--format', 'ndjson');
    await live.says(/listening on \w+,.*\n.*listening on \w+,/);
    await hosts.pair.ping(3);
    await live.says(/("vxdump.pair\/1".*\n[\s\S]*){8}/);
    expect(await live.ends('SIGINT')).toBe(0);
    const records = live.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const inner = new Map<string, string>();
    for (const { schema, tap, frame, layers } of records) {
      // An echo's number, or an ARP's sender, tells which frame it is.
      const { layer, type, seq, opcode } = layers?.at(-1) ?? {};
      if (schema === 'vxdump.frame/1') inner.set(`${tap} ${frame.number}`, [layer, type, seq, opcode].join());
    }
    const pairs = records.filter(({ schema }) => schema === 'vxdump.pair/1');
    expect(pairs).toHaveLength(8);
    for (const { overlay, underlay, vni, latencyNs } of pairs) {
      expect([overlay.tap, underlay.tap, vni]).toEqual(['vx0', 'e0', 5000]);
      const name = inner.get(`vx0 ${overlay.frame}`);
      expect(name).toMatch(/icmp|arp/);
      expect(inner.get(`e0 ${underlay.frame}`)).toBe(name);
      expect(latencyNs).toBeGreaterThanOrEqual(0);
    }
    expect(live.stderr).toMatch(/^ {2}vx0 {6}e0 +5000 +8 +8 +0 +0 +0 +0 /m);
  });

  it('fits tables to a terminal, each in the place of the one before, and prints all at the end', async ({ hosts }) => {
    const command = 'stty rows 12 cols 120; exec bin/vxdump.js live vx0 e0 --stats=1';
    const live = hosts.start(['script', '-qec', command, '/dev/null']);
    await live.says(/Interfaces/);
    await hosts.pair.ping(2);
    await live.says(/… \d+ lines more; all of them at the end/);
    // What `script` started; it passes no signal on.
    const [child] = readFileSync(`/proc/${live.child.pid}/task/${live.child.pid}/children`, 'utf8').split(' ');
    process.kill(Number(child), 'SIGINT');
    await live.ends();
    const [first, ...snapshots] = live.stdout.split('\u001b[H\u001b[2J');
    expect(first).toMatch(/^listening on vx0/);
    const last = snapshots.pop() as string;
    expect(last).toMatch(/Endpoints[\s\S]*packets captured/);
    expect(snapshots.length).toBeGreaterThanOrEqual(1);
    for (const snapshot of snapshots) expect(snapshot.split('\n').length).toBeLessThanOrEqual(12);
  });

  it('prints lines of several interfaces in the order of their times', async ({ hosts }) => {
    const live = hosts.vxdump('vx0', 'e0', '-tt');
    await live.says(/listening on e0/);
    await hosts.pair.ping(20);
    await live.says(/e0 .*seq 20.*\n.*vx0 .*seq 20|vx0 .*reply.*seq 20/);
    await live.ends('SIGINT');
    const times = live.stdout
      .trim()
      .split('\n')
      .map((line) => BigInt((line.split(' ')[0] as string).replace('.', '')));
    expect(times.length).toBeGreaterThanOrEqual(80);
    const late = times.filter((time, index) => index > 0 && time < (times[index - 1] as bigint));
    expect(late).toEqual([]);
  });

  it('shows tables instead of frames, anew every second, drops among them, and writes beside', async ({ hosts }) => {
    const path = join(scratch.path, 'beside-tables.pcapng');
    const live = hosts.vxdump('vx0', 'e0', '--stats=1', '-w', path);
    await live.says(/listening on e0/);
    await hosts.pair.ping(2);
    await live.says(/^ {2}vx0 +e0 +5000 +6 +6 +0 +0 +0 +0 /m);
    expect(await live.ends('SIGINT')).toBe(0);
    const snapshots = live.stdout.split(/^Interfaces$/m).slice(1);
    expect(snapshots.length).toBeGreaterThanOrEqual(2);
    const last = snapshots.at(-1) as string;
    expect(last).toMatch(/^ {2}vx0 +overlay +6 +0 +\d+ +0$/m);
    expect(last).toMatch(/^ {2}e0 +underlay +\d+ +6 +\d[\d,]* +0$/m);
    expect(last).toMatch(/^ {2}5000 +10.9.0.1 +10.9.0.2 +4789 +3 /m);
    expect(live.stdout).not.toContain('ICMP');
    expect((await readPath(path)).frames.length).toBeGreaterThanOrEqual(12);
  });
});
