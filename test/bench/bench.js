/**
 * Measures what ships (dist) on a VXLAN capture, each row in a process of its own, by CPU time with start-up included.
 *
 * usage: npm run bench -- [--frames N] [--file F] [--limit 'CMD'] [--repeat N] [--only ROW,ROW]
 *   --frames N     frames of the capture that it makes (1,000,000)
 *   --file F       a capture to use instead, classic pcap
 *   --limit 'CMD'  a native program that does J1 on the file, its path appended: the ratio to it is printed
 *   --repeat N     runs per row; the one with the least CPU time counts (3)
 *   --only ROWS    these rows only, by name, comma-separated
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { generate } from './generate.js';

const ROWS = ['calibration', 'reader', 'j1', 'analyze', 'read-text', 'read-ndjson', 'pcap-parser'];
const root = new URL('../../', import.meta.url);

const { values } = parseArgs({
  options: {
    frames: { type: 'string', default: '1000000' },
    file: { type: 'string' },
    limit: { type: 'string' },
    repeat: { type: 'string', default: '3' },
    only: { type: 'string', default: ROWS.join(',') },
  },
});

const file = values.file ?? capture(Number(values.frames));
const repeat = Number(values.repeat);
const size = (statSync(file).size / 1e6).toFixed(0);
const model = cpus()[0]?.model ?? 'unknown CPU';
console.log(`${file}: ${size} MB; node ${process.version}, ${model}, best of ${repeat}\n`);
console.log(
  `${'row'.padEnd(14)}${'CPU s'.padStart(9)}${'Mframes/s'.padStart(11)}${'of reader'.padStart(11)}${'peak MB'.padStart(9)}`,
);

const measured = new Map();
// The reader first: it counts the frames that the other rows are divided by.
const names = values.only.split(',');
const { frames } = print('reader', best(rowCommand('reader')));
if (values.limit !== undefined) print('limit', best(`${values.limit} ${quoted(file)}`));
for (const name of names) if (name !== 'reader') print(name, best(rowCommand(name)));
if (values.limit !== undefined) {
  console.log('');
  for (const name of names.filter((name) => ['reader', 'j1', 'analyze'].includes(name))) {
    console.log(`${name}: ${ratio(name, 'limit')} x the CPU time of: ${values.limit}`);
  }
  compareAnswers();
}

/** The capture to measure on, made once for each length. */
function capture(count) {
  const folder = fileURLToPath(new URL('bench-data/', root));
  const path = `${folder}small-${count}.pcap`;
  if (!existsSync(path)) {
    mkdirSync(folder, { recursive: true });
    generate(count, `${path}.part`);
    renameSync(`${path}.part`, path);
  }
  return path;
}

function rowCommand(name) {
  const script = fileURLToPath(new URL('row.js', import.meta.url));
  return `${quoted(process.execPath)} ${quoted(script)} ${name} ${quoted(file)}`;
}

function quoted(word) {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** The run with the least CPU time, user and system together, as the shell measures it: alike for any program. */
function best(command) {
  let least = { cpu: Number.POSITIVE_INFINITY, output: '' };
  for (let i = 0; i < repeat; i++) {
    const script = `TIMEFORMAT='%3U %3S'; { time ${command} 2>&3; } 3>&2 2>&4`;
    const run = execFileSync('bash', ['-c', `exec 4>&1; ${script}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = run.trim().split('\n');
    const [user, system] = lines.pop().split(' ').map(Number);
    if (user + system < least.cpu) least = { cpu: user + system, output: lines.join('\n') };
  }
  return least;
}

function print(name, { cpu, output }) {
  const result = output.startsWith('{') ? JSON.parse(output) : {};
  measured.set(name, { cpu, output, result });
  const count = result.frames ?? measured.get('reader').result.frames;
  const rate = name === 'calibration' ? '' : (count / cpu / 1e6).toFixed(2);
  console.log(
    `${name.padEnd(14)}${cpu.toFixed(3).padStart(9)}${rate.padStart(11)}${ratio(name, 'reader').padStart(11)}${String(result.rssMb ?? '').padStart(9)}`,
  );
  if (name !== 'calibration' && count !== measured.get('reader').result.frames) {
    throw new Error(`${name} saw ${count} frames of ${frames}`);
  }
  return { frames: count };
}

function ratio(name, base) {
  return (measured.get(name).cpu / measured.get(base).cpu).toFixed(2);
}

/** Where the native program prints its counters as `name=value`, those that J1 has too must be equal. */
function compareAnswers() {
  const theirs = new Map(
    [...measured.get('limit').output.matchAll(/(\w+)=(\d+)/g)].map(([, key, value]) => [key, value]),
  );
  const ours = measured.get('j1')?.result;
  if (ours === undefined || !theirs.has('check')) return;
  const same = Number(theirs.get('check')) === ours.check && Number(theirs.get('vx')) === ours.vxlan;
  console.log(`same answer: ${same ? 'yes' : `NO: ${measured.get('limit').output} against ${JSON.stringify(ours)}`}`);
  if (!same) process.exitCode = 1;
}
