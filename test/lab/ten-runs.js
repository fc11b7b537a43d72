/**
 * Ten runs of the lab with each VTEP, for real, as root: six frames on each eth0, four at each VM, in their order, and
 * nothing left behind. `node test/lab/ten-runs.js [RUNS]`; needs dist.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runs = Number(process.argv[2] ?? 10);
const program = fileURLToPath(new URL('../../bin/vxdump.js', import.meta.url));
const run = (...argv) => spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });

const INNER = [
  ['eth:arp', '00:00:00:00:00:01', '1'],
  ['eth:arp', '00:00:00:00:00:02', '2'],
  ['eth:ip:icmp', '00:00:00:00:00:01', '8'],
  ['eth:ip:icmp', '00:00:00:00:00:02', '0'],
];
const UNDERLAY = [
  ['eth:arp', '02:42:0a:00:00:01', '1', ''],
  ['eth:arp', '02:42:0a:01:00:01', '2', ''],
  ...INNER.map(([protocols, source, what]) => [`eth:ip:udp:vxlan:${protocols}`, source, what, '5000']),
].map((row) => row.join(' '));
const OVERLAY = INNER.map((row) => [...row, ''].join(' '));

/** The frames of a capture, as this check compares them. */
function framesOf(file) {
  const { stdout, stderr, status } = run('read', '--format', 'ndjson', file);
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const { frame, layers } = JSON.parse(line);
      const last = layers.at(-1);
      const source = layers.findLast(({ layer }) => layer === 'eth').src;
      const vni = layers.find(({ layer }) => layer === 'vxlan')?.vni ?? '';
      return [frame.protocols, source, last.opcode ?? last.type, vni].join(' ');
    });
}

const world = () =>
  [
    execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' }),
    execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }).replace(/^\d+: /gm, ''),
    existsSync('/run/vxdump-lab') ? readdirSync('/run/vxdump-lab').join(' ') : '',
  ].join('\n');

let failed = 0;
for (const vtep of ['ovs', 'kernel']) {
  const name = `ten-${process.pid}`;
  for (let number = 1; number <= runs; number++) {
    const folder = mkdtempSync(join(tmpdir(), 'vxdump-ten-'));
    const before = world();
    const startedMs = performance.now();
    const problems = [];
    const { status, stderr } = run('lab', 'run', 'six-packet', '--vtep', vtep, '-o', folder, '--name', name);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(2);
    if (status !== 0) problems.push(`exit ${status}: ${stderr.trim()}`);
    else {
      for (const vm of ['vm1', 'vm2']) {
        for (const [side, expected] of [
          ['underlay', UNDERLAY],
          ['overlay', OVERLAY],
        ]) {
          const actual = framesOf(join(folder, `${vm}_${side}.pcap`));
          const golden = side === 'underlay' ? 'six-packet' : 'four-packet';
          const verdict = run('assert', join(folder, `${vm}_${side}.pcap`), '--golden', golden);
          if (verdict.status !== 0) problems.push(`${vm}_${side}: assert ${golden}: exit ${verdict.status}`);
          if (actual.join('\n') !== expected.join('\n')) problems.push(`${vm}_${side}: ${actual.join(' | ')}`);
        }
      }
    }
    if (world() !== before) problems.push('something was left behind');
    console.log(`${vtep} ${number}: ${problems.length === 0 ? 'six and four' : problems.join('; ')}, ${seconds} s`);
    if (problems.length > 0) failed++;
    rmSync(folder, { recursive: true });
  }
}
process.exitCode = failed === 0 ? 0 : 1;
