/**
 * Each way to capture, with a tcpdump beside it: frames, lengths, times, latency; how one is chosen, and how it ends.
 */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect } from 'vitest';
import type { LiveOptions, SourceKind } from '../../../src/capture/live/live-source.js';
import { openLive } from '../../../src/capture/live/open-live.js';
import { it, sourcesHere } from '../../helpers/live-hosts.js';
import { readPath, Scratch } from '../../helpers/read-capture.js';
import { outputOf } from '../../helpers/tool.js';
import { canMakeNamespaces } from '../../helpers/veth-pair.js';

const OPTIONS: Omit<LiveOptions, 'capCommand'> = {
  ...{ snaplen: 262_144, bufferKib: null, direction: 'inout', promiscuous: true, filter: '', user: null },
  onNote: () => {},
};

/** Whether a process runs; one that nobody waited for does not. */
function isThere(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** What two clocks of one machine may be apart. */
const CLOCKS_APART_NS = 5e6;

const scratch = new Scratch();
afterAll(() => scratch.remove());

describe.runIf(canMakeNamespaces())('sources of live frames', { concurrent: true }, () => {
  const sources = sourcesHere();
  it.for(sources)(
    '%s sees what a tcpdump beside it sees: frames, lengths, times to the nanosecond',
    async (source, { hosts }) => {
      const beside = join(scratch.path, `${source}-beside.pcap`);
      // A ring asks for times that all sockets share: without it each program may have its own.
      const clock = hosts.vxdump('lo', '--source', 'ring');
      await clock.says(/listening on lo/);
      const tcpdump = hosts.start([
        ...['tcpdump', '-Z', 'root', '-i', 'e0', '-U', '--immediate-mode', '--time-stamp-precision=nano', '-w', beside],
      ]);
      await tcpdump.says(/listening on/);
      const own = join(scratch.path, `${source}.pcapng`);
      const live = hosts.vxdump('e0', '--source', source, '-w', own, '-U');
      await live.says(new RegExp(`listening on e0, link-type EN10MB .*source ${source}`));
      await hosts.pair.ping(3);
      await setTimeout(1_200);
      expect(await live.ends('SIGINT')).toBe(0);
      await tcpdump.ends('SIGINT');
      const [ours, theirs] = [await readPath(own), await readPath(beside)];
      expect(theirs.frames.length).toBeGreaterThanOrEqual(8);
      const plain = (frames: typeof ours.frames) =>
        frames.map(({ bytes, wireLen, seconds, nanoseconds }) => ({ bytes, wireLen, seconds, nanoseconds }));
      if (source === 'cap') {
        // It tells no times: that a frame got here is later than that it was there.
        const untimed = (frames: typeof ours.frames) => frames.map(({ bytes, wireLen }) => ({ bytes, wireLen }));
        expect(untimed(ours.frames)).toEqual(untimed(theirs.frames));
        for (const [index, { seconds, nanoseconds }] of ours.frames.entries()) {
          const there = theirs.frames[index] as (typeof ours.frames)[number];
          const lateNs = (seconds - there.seconds) * 1e9 + nanoseconds - there.nanoseconds;
          expect(lateNs).toBeGreaterThan(-CLOCKS_APART_NS);
        }
        expect(live.stderr).toContain('source cap gives no times, lengths or drops');
        expect(live.stderr).not.toContain('dropped by kernel');
      } else {
        expect(plain(ours.frames)).toEqual(plain(theirs.frames));
        expect(live.stderr).toContain('0 packets dropped by kernel\n');
      }
      expect(live.stderr).toContain(`${ours.frames.length} packets captured\n`);
      expect(ours.interfaces).toMatchObject([{ name: 'e0', linkType: 1 }]);
    },
  );

  describe('latency', { concurrent: false }, () => {
    // The least of several: what a busy machine adds is not the source's.
    it.for(sources)('%s shows a ping within its latency', async (source, { hosts }) => {
      const live = hosts.vxdump('e0', '--source', source, '--format', 'ndjson', 'inner.icmp.type', '==', '8');
      const latencies: number[] = [];
      live.child.stdout?.on('data', (text: Buffer) => {
        const nowMs = Date.now();
        for (const [, ns] of String(text).matchAll(/"time_ns":"(\d+)"/g)) latencies.push(nowMs - Number(ns) / 1e6);
      });
      await live.says(/listening on/);
      for (let count = 0; count < 5; count++) {
        await hosts.pair.ping();
        await setTimeout(150);
      }
      for (let waited = 0; latencies.length < 5 && waited < 5_000; waited += 50) await setTimeout(50);
      await live.ends('SIGINT');
      const texts = latencies.map((latency) => latency.toFixed(1));
      console.log(`${source}: shown after ${texts.join(', ')} ms`);
      expect(latencies).toHaveLength(5);
      expect(Math.min(...latencies)).toBeLessThan(source === 'tcpdump' ? 1_100 : source === 'dumpcap' ? 500 : 200);
    });
  });

  describe('auto', () => {
    /** vxdump as it is where koffi was not installed, and programs that it may find. */
    function without(...programs: string[]): { command: string; path: string } {
      const root = join(scratch.path, `without-${programs.join('-')}`);
      mkdirSync(join(root, 'node_modules'), { recursive: true });
      mkdirSync(join(root, 'path'));
      for (const name of ['bin', 'dist', 'package.json']) cpSync(name, join(root, name), { recursive: true });
      for (const name of readdirSync('node_modules')) {
        const isNative = /^@?koffi/.test(name);
        if (!isNative && !name.startsWith('.'))
          symlinkSync(resolve('node_modules', name), join(root, 'node_modules', name));
      }
      for (const name of ['ip', 'node', 'env', 'tcpdump', 'dumpcap']) {
        const [real] = outputOf('sh', ['-c', `command -v ${name}`]).split('\n');
        if (!programs.includes(name) && real) symlinkSync(real, join(root, 'path', name));
      }
      return { command: join(root, 'bin/vxdump.js'), path: join(root, 'path') };
    }

    it.for([
      [[], 'tcpdump', ['ring: koffi is not installed']],
      [['tcpdump'], 'dumpcap', ['ring: koffi is not installed', 'tcpdump: tcpdump is not installed']],
      [
        ['tcpdump', 'dumpcap'],
        'cap',
        ['ring: koffi is', 'tcpdump: tcpdump is not', 'dumpcap: dumpcap is not installed'],
      ],
    ] as const)('without koffi and %j takes %s, and says why', async ([lacks, source, reasons], { hosts }) => {
      if (!sources.includes(source)) return;
      const { command, path } = without(...lacks);
      const live = hosts.start(['env', `PATH=${path}`, command, 'live', 'e0', '-c', '1']);
      await live.says(/listening on/);
      for (const reason of reasons) expect(live.stderr).toContain(`vxdump: ${reason}`);
      expect(live.stderr).toContain(`source ${source}\n`);
      await hosts.pair.ping();
      expect(await live.ends()).toBe(0);
    });

    it('says all reasons where nothing works', async ({ hosts }) => {
      const { command, path } = without('tcpdump', 'dumpcap', 'all');
      const live = hosts.start(['env', `PATH=${path}`, 'VXDUMP_CAP=/nowhere', command, 'live', 'e0']);
      expect(await live.ends()).toBe(2);
      expect(live.stderr).toMatch(
        /^vxdump: cannot capture on e0: ring: koffi .*; tcpdump: .*; dumpcap: .*; cap: .*not installed: npm install cap, or name its folder in VXDUMP_CAP\n$/,
      );
    });
  });

  it.for(sources)('leaves no child behind where a second SIGINT ends it at once: %s', async (source, { hosts }) => {
    // No frame comes, whose writing would tell a child that its reader is gone.
    const live = hosts.vxdump('e0', '--source', source, '-f', 'host 10.9.0.99');
    await live.says(/listening on/);
    const pid = live.child.pid as number;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    expect(children).toHaveLength(source === 'ring' ? 0 : 1);
    live.signal('SIGINT');
    // A source that still gathers frames for it takes longer than this.
    await setTimeout(20);
    live.signal('SIGINT');
    expect([0, 130, null]).toContain(await live.ends());
    for (let waited = 0; waited < 2_000 && children.some(isThere); waited += 20) await setTimeout(20);
    expect(children.filter(isThere)).toEqual([]);
  });

  it.for(sources)(
    'gives all that was captured before SIGINT, and says what was dropped: %s',
    async (source, { hosts }) => {
      const live = hosts.vxdump('e0', '--source', source, '-t', 'inner.icmp');
      await live.says(/listening on/);
      await hosts.pair.ping(5);
      expect(await live.ends('SIGINT')).toBe(0);
      expect(live.stdout.match(/echo re/g)).toHaveLength(10);
      if (source !== 'cap') expect(live.stderr).toContain('\n0 packets dropped by kernel\n');
    },
  );

  it.for(sources.flatMap((source) => [['e0'], ['e0', 'vx0']].map((names) => [source, names] as const)))(
    'ends behind so many frames, and says what was dropped: %s, %j',
    async ([source, names], { hosts }) => {
      const live = hosts.vxdump(...names, '--source', source, '-t', '-c', '3');
      await live.says(new RegExp(`listening on ${names.at(-1)}`));
      await hosts.pair.ping(5);
      expect([await live.ends(), live.stdout.split('\n').length - 1]).toEqual([0, 3]);
      expect(live.stderr).toContain('\n3 packets captured\n');
      if (source === 'cap') return;
      const [, received] = /(\d+) packets received by filter\n0 packets dropped by kernel\n/.exec(live.stderr) ?? [];
      expect(Number(received)).toBeGreaterThanOrEqual(3);
    },
  );

  it.for(sources)('may be closed by several at once: %s', async (source) => {
    const options = {
      ...OPTIONS,
      // Nobody reads what others send here meanwhile: a child whose pipe is full does not come to its last words.
      filter: 'ether proto 0x88b5',
      capCommand: [process.execPath, resolve('dist/capture/live/cap-child.js'), process.env['VXDUMP_CAP'] ?? ''],
    };
    const live = await openLive('lo', source as SourceKind, options);
    await Promise.all([live.close(), live.close()]);
    await live.close();
    if (source !== 'cap') expect(await live.counters()).toMatchObject({ dropped: 0 });
  });

  it.for(sources.filter((source) => source !== 'ring'))(
    'says that its child has died: %s',
    async (source, { hosts }) => {
      const live = hosts.vxdump('e0', '--source', source, '-t');
      await live.says(/listening on/);
      await hosts.pair.ping();
      await live.says(/echo reply/);
      hosts.pair.ip('link', 'del', 'e0');
      expect(await live.ends()).toBe(2);
      expect(live.stderr).toMatch(new RegExp(`vxdump: e0: ${source} ended: .*\\n$`));
    },
  );

  it.for(sources)('runs on as another user behind -Z, and so does what it started: %s', async (source, { hosts }) => {
    const live = hosts.vxdump('e0', '--source', source, '-Z', 'nobody', '-t');
    await live.says(/listening on/);
    await hosts.pair.ping();
    await live.says(/echo reply/);
    const pid = live.child.pid as number;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    expect(children).toHaveLength(source === 'ring' ? 0 : 1);
    for (const one of [pid, ...children]) {
      expect(readFileSync(`/proc/${one}/status`, 'utf8')).toMatch(/^Uid:\s+65534\s+65534\s+65534/m);
    }
    expect(await live.ends('SIGINT')).toBe(0);
    for (const one of children) expect(existsSync(`/proc/${one}`)).toBe(false);
  });
});
