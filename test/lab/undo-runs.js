/**
 * What the lab leaves behind, for real, as root: interrupted at five random moments with each VTEP, killed, side by side with
 * another. `ip netns list`, `ip link` and /run must be as before, and no process of its be left. `SEED=N node
 * test/lab/undo-runs.js` has the same moments again; needs dist.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/vxdump.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vxdump-undo-'));
const name = `undo-${process.pid}`;
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
console.log(`seed ${seed}`);

/** Mulberry32: the same moments for the same seed. */
let state = seed;
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

const marked = { ...process.env, VXDUMP_UNDO: name };
const lines = (...argv) => execFileSync(argv[0], argv.slice(1), { encoding: 'utf8' }).trim().split('\n');

/** Processes that a lab of this test started, however far removed: they have its mark in their environment. */
function processes() {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        if (!readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`VXDUMP_UNDO=${name}`)) return [];
        return [`process ${pid}: ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`];
      } catch {
        return [];
      }
    });
}

function world() {
  return new Set([
    ...lines('ip', 'netns', 'list').map((line) => `namespace ${line}`),
    ...lines('ip', '-br', 'link').map((line) => `interface ${line}`),
    ...lines('find', '/run', '-xdev', '-not', '-path', '/run/user/*').map((line) => `file ${line}`),
    ...processes(),
  ]);
}

const sleep = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const run = (...argv) => spawnSync(process.execPath, [program, 'lab', ...argv], { encoding: 'utf8' });

/** Starts `lab run`. @returns the process, and a promise of how it ended */
function begin(vtep, lab = name) {
  const argv = ['lab', 'run', 'six-packet', '--vtep', vtep, '--name', lab, '-o', join(folder, lab), '--quiet'];
  const child = spawn(process.execPath, [program, ...argv], { env: marked, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return { child, ended: new Promise((done) => child.on('close', (code, by) => done({ code: code ?? by, stderr }))) };
}

let failed = 0;
function tell(what, problems) {
  console.log(`${what}: ${problems.length === 0 ? 'nothing left' : problems.join('; ')}`);
  if (problems.length > 0) failed++;
}

/** What is there that was not, or the other way round. */
function changes(before) {
  const after = world();
  return [
    ...[...after].filter((each) => !before.has(each)).map((each) => `left: ${each}`),
    ...[...before].filter((each) => !after.has(each)).map((each) => `gone: ${each}`),
  ];
}

for (const vtep of ['kernel', 'ovs']) {
  const startedMs = performance.now();
  await begin(vtep).ended;
  const wholeMs = performance.now() - startedMs;

  for (let number = 1; number <= 5; number++) {
    const before = world();
    const afterMs = Math.round(random() * wholeMs);
    const signal = ['SIGINT', 'SIGTERM', 'SIGHUP'][number % 3];
    const { child, ended } = begin(vtep);
    await sleep(afterMs);
    child.kill(signal);
    const { code, stderr } = await ended;
    const problems = changes(before);
    // Before Node is there to catch it, a signal ends the process: nothing has begun.
    if (![0, 130].includes(code) && !(code === signal && afterMs < 500)) problems.push(`exit ${code}: ${stderr}`);
    tell(`${vtep}, ${signal} after ${afterMs} of ${Math.round(wholeMs)} ms, exit ${code}`, problems);
  }

  for (let number = 1; number <= 3; number++) {
    const before = world();
    const afterMs = Math.round(random() * wholeMs);
    const { child, ended } = begin(vtep);
    await sleep(afterMs);
    child.kill('SIGKILL');
    await ended;
    // A command that was under way when vxdump was killed ends by itself.
    await sleep(300);
    const { status, stderr } = run('down', '--name', name);
    const problems = changes(before);
    if (status !== 0) problems.push(`lab down: exit ${status}: ${stderr}`);
    tell(`${vtep}, SIGKILL after ${afterMs} ms, then lab down`, problems);
  }

  const before = world();
  const pair = await Promise.all([`${name}-a`, `${name}-b`].map((lab) => begin(vtep, lab).ended));
  const problems = changes(before);
  for (const { code, stderr } of pair) if (code !== 0) problems.push(`exit ${code}: ${stderr}`);
  for (const lab of [`${name}-a`, `${name}-b`]) {
    const { captures } = JSON.parse(readFileSync(join(folder, lab, 'manifest.json'), 'utf8'));
    const frames = captures.map((each) => each.frames).join(' ');
    if (frames !== '4 6 4 6') problems.push(`${lab}: ${frames} frames`);
  }
  tell(`${vtep}, two labs at once`, problems);
}
rmSync(folder, { recursive: true });
process.exitCode = failed === 0 ? 0 : 1;
