/**
 * Measures live capture of what ships (dist): the highest rate at which each source loses nothing, beside tcpdump's own.
 *
 * A generator (blast.c, which gcc compiles) sends 130-byte VXLAN frames through a cable between two network namespaces, on
 * one core; the capture runs on another one. Needs root, two cores, and a machine that is otherwise quiet.
 *
 * usage: npm run bench:live -- [--rates N,N] [--seconds S] [--runs N] [--only ROW,ROW]
 *   --rates N,N    frames a second, one after the other until frames are lost (50,000 … 1,600,000)
 *   --seconds S    of each run (10)
 *   --runs N       at each rate, all of which must be without a loss (3)
 *   --only ROWS    these rows only: ring, tcpdump, dumpcap, cap (where VXDUMP_CAP names it), tcpdump-itself
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    rates: {
      type: 'string',
      default: '50000,100000,200000,300000,400000,500000,650000,800000,1000000,1300000,1600000',
    },
    seconds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    only: { type: 'string', default: 'ring,tcpdump,dumpcap,cap,tcpdump-itself' },
  },
});

/** Cores: the generator's, on which the kernel hands frames over, and the capture's. Before others, should there be some. */
const [SENDER, CAPTURER] = ['0', '1'].map((core) => ['nice', '-n', '-20', 'taskset', '-c', core]);
/** A rate that the generator misses by more was not reached. */
const TOLERANCE = 0.03;
/** What children take to hand over the last frames. */
const SETTLE_MS = 1_500;
const [HERE, THERE] = ['here', 'there'].map((name) => `vxb${process.pid}${name}`);
const vxdump = fileURLToPath(new URL('../../bin/vxdump.js', import.meta.url));
const live = (...words) => [process.execPath, vxdump, 'live', 'g0', '--stats=3600', ...words];
/** Each counts tunnels, save the last: that is what a capture costs without. */
const ROWS = {
  ring: live('--source', 'ring'),
  tcpdump: live('--source', 'tcpdump'),
  dumpcap: live('--source', 'dumpcap'),
  cap: live('--source', 'cap'),
  'tcpdump-itself': ['tcpdump', '-i', 'g0', '-n', '-B', '32768', '-w', '/dev/null'],
};

const folder = mkdtempSync(join(tmpdir(), 'vxdump-bench-'));
const blast = join(folder, 'blast');
try {
  execFileSync('gcc', ['-O2', '-o', blast, fileURLToPath(new URL('blast.c', import.meta.url))]);
  connect();
  console.log(
    `node ${process.version}, ${cpus()[0]?.model}, kernel ${execFileSync('uname', ['-r']).toString().trim()}`,
  );
  console.log(`${values.runs} runs of ${values.seconds} s at each rate; frames of 130 bytes\n`);
  console.log('row              wanted/s    sent/s      lost   of sent   it says   CPU µs/frame');
  for (const name of values.only.split(',')) {
    if (name === 'cap' && !process.env.VXDUMP_CAP)
      console.log('cap             not measured: VXDUMP_CAP does not name it');
    else await climb(name);
  }
} finally {
  for (const name of [HERE, THERE]) execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  rmSync(folder, { recursive: true });
}

/** A cable, at whose other end nobody answers; the kernel cuts bursts into frames before the cable. */
function connect() {
  const ip = (...words) => execFileSync('ip', words);
  ip('netns', 'add', HERE);
  ip('netns', 'add', THERE);
  ip('-n', HERE, 'link', 'add', 'g0', 'type', 'veth', 'peer', 'name', 'g0', 'netns', THERE);
  for (const name of [HERE, THERE]) {
    ip('netns', 'exec', name, 'sysctl', '-qw', 'net.ipv6.conf.all.disable_ipv6=1', 'net.ipv6.conf.g0.disable_ipv6=1');
    ip('-n', name, 'link', 'set', 'g0', 'up');
  }
  ip('-n', HERE, 'addr', 'add', '10.0.0.1/24', 'dev', 'g0');
  ip('-n', HERE, 'neigh', 'add', '10.0.0.2', 'lladdr', '02:00:00:00:00:02', 'dev', 'g0', 'nud', 'permanent');
  ip('netns', 'exec', HERE, 'ethtool', '-K', 'g0', 'tx-udp-segmentation', 'off');
}

/** Goes from rate to rate until frames are lost, or the generator gives out. */
async function climb(name) {
  let best = 0;
  for (const wanted of values.rates.split(',').map(Number)) {
    let clean = true;
    for (let run = 0; run < Number(values.runs) && clean; run++) {
      const { sent, rate, lost, dropped, cpu } = await measure(ROWS[name], wanted);
      const columns = [wanted, rate, lost].map((value) => value.toLocaleString('en-US').padStart(10));
      const share = `${((100 * lost) / sent).toFixed(3)} %`.padStart(10);
      const cost = ((cpu * 1e6) / sent).toFixed(2).padStart(15);
      console.log(`${name.padEnd(15)}${columns.join('')}${share}${dropped.padStart(10)}${cost}`);
      if (rate < wanted * (1 - TOLERANCE)) return summary(name, best, lost === 0 ? rate : null);
      clean = lost === 0;
    }
    if (!clean) return summary(name, best, null);
    best = wanted;
  }
  summary(name, best, null);
}

function summary(name, best, outrun) {
  const more =
    outrun === null ? '' : `; the generator gave out at ${outrun.toLocaleString('en-US')}, and nothing was lost`;
  console.log(`${name}: no loss up to ${best.toLocaleString('en-US')} frames/s${more}\n`);
}

async function measure(argv, wanted) {
  const before = arrived();
  const child = spawn('ip', ['netns', 'exec', THERE, ...CAPTURER, ...argv], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'close');
  while (!said.includes('listening on')) {
    if (child.exitCode !== null) throw new Error(`${argv.join(' ')}: ${said}`);
    await setTimeout(20);
  }
  await setTimeout(300);
  const words = ['netns', 'exec', HERE, ...SENDER, blast, '10.0.0.2', String(wanted), values.seconds];
  const sender = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  sender.stdout.on('data', (text) => {
    output += text;
  });
  await once(sender, 'close');
  const rate = Number(output.split(' ')[1]);
  await setTimeout(SETTLE_MS);
  const cpu = cpuSeconds(child.pid);
  child.kill('SIGINT');
  await ended;
  // What the cable itself had no room for never was at the capture's end.
  const sent = arrived() - before;
  const [, captured] = /(\d+) packets? captured/.exec(said);
  const [, dropped] = /^(\d+) packets? dropped by kernel$/m.exec(said) ?? [null, '-'];
  return { sent, rate, lost: sent - Number(captured), dropped, cpu };
}

/** Frames that the capture's end of the cable got. */
function arrived() {
  const [link] = JSON.parse(execFileSync('ip', ['-n', THERE, '-j', '-s', 'link', 'show', 'g0']).toString());
  return link.stats64.rx.packets;
}

/** CPU time of a process and its children, those that run among them. */
function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  // utime and stime, in hundredths of a second on every Linux that Node runs on.
  return (fields[11] + fields[12]) / 100 + children.reduce((sum, child) => sum + cpuSeconds(child), 0);
}
