/** `vxdump live` as a user meets it: output, signals, interfaces that go, readers that do not read. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect } from 'vitest';
import type { CaptureSpan } from '../../../src/capture/source.js';
import { it, sourcesHere } from '../../helpers/live-hosts.js';
import { AS_NOBODY, ReadableCopy } from '../../helpers/nobody.js';
import { type FrameOut, readPath, Scratch } from '../../helpers/read-capture.js';
import { hasTool, outputOf } from '../../helpers/tool.js';
import { canMakeNamespaces } from '../../helpers/veth-pair.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

describe.runIf(canMakeNamespaces())('live', { concurrent: true }, () => {
  it('prints what passes a filter, counts it, and ends behind -c', async ({ hosts }) => {
    const live = hosts.vxdump('e0', '-c', '2', '-t', 'vxlan', '5000', 'and', 'inner.icmp');
    await live.says(/listening on e0/);
    await hosts.pair.ping(2);
    expect(await live.ends()).toBe(0);
    expect(live.stdout).toMatch(/^VXLAN vni 5000 10.9.0.1 > 10.9.0.2: .*request.*\nVXLAN .* > .*reply.*\n$/);
    expect(live.stderr).toContain('2 packets passed the filter');
  });

  it('is not held up by a reader that takes nothing, nor does Ctrl-C wait for it', async ({ hosts }) => {
    const live = hosts.start(['bin/vxdump.js', 'live', 'e0', '-V'], false);
    await live.says(/listening on/);
    await hosts.pair.flood(2_000);
    expect(await live.ends('SIGINT')).toBe(0);
    const count = (words: string): number => Number(new RegExp(`^(\\d+) ${words}`, 'm').exec(live.stderr)?.[1]);
    expect(count('packets captured')).toBeGreaterThanOrEqual(4_000);
    expect(count('packets captured')).toBe(count('packets received by filter'));
    expect(count('packets dropped by kernel')).toBe(0);
    expect(count('packets not printed')).toBeGreaterThan(0);
  });

  it('says that the kernel drops frames, while it runs and at the end, and counts each once', async ({ hosts }) => {
    // Two megabytes for six, and nobody to empty it.
    const live = hosts.vxdump('e0', '-B', '64', '--stats=1');
    await live.says(/listening on/);
    live.signal('SIGSTOP');
    await hosts.pair.flood(2_000, 1_400);
    live.signal('SIGCONT');
    await live.says(/vxdump: \d+ packets dropped by kernel so far; a larger -B/);
    expect(await live.ends('SIGINT')).toBe(0);
    const count = (words: string): number => Number(new RegExp(`^(\\d+) ${words}$`, 'm').exec(live.stderr)?.[1]);
    expect(count('packets dropped by kernel')).toBeGreaterThan(100);
    expect(count('packets captured') + count('packets dropped by kernel')).toBe(count('packets received by filter'));
    const last = live.stdout.split('Interfaces').at(-1)?.replaceAll(',', '');
    expect(last).toMatch(new RegExp(` ${count('packets dropped by kernel')}\n`));
  });

  it('ends with 0 and without a word of it when the reader goes', async ({ hosts }) => {
    const live = hosts.vxdump('e0');
    await live.says(/listening on/);
    await hosts.pair.ping();
    await live.says(/echo reply/);
    live.child.stdout?.destroy();
    for (let count = 0; count < 50 && live.child.exitCode === null; count++) {
      await hosts.pair.ping();
      await setTimeout(20);
    }
    expect(await live.ends()).toBe(0);
    expect(live.stderr).not.toMatch(/EPIPE|cannot write/);
  });

  it('captures on several interfaces into one file, and the counters are asked for with SIGUSR1', async ({ hosts }) => {
    const path = join(scratch.path, 'two.pcapng');
    const live = hosts.vxdump('e0', 'vx0', '-w', path);
    await live.says(/listening on vx0/);
    await hosts.pair.ping(2);
    await setTimeout(300);
    live.signal('SIGUSR1');
    await live.says(/packets received by filter/);
    expect(await live.ends('SIGTERM')).toBe(0);
    const { frames, interfaces } = await readPath(path);
    expect(interfaces.map(({ name }) => name)).toEqual(['e0', 'vx0']);
    const inner = frames.filter(({ interfaceId }) => interfaceId === 1).map(({ bytes }) => bytes);
    const outer = frames.filter(({ interfaceId }) => interfaceId === 0).map(({ bytes }) => bytes);
    expect(inner.length).toBeGreaterThanOrEqual(4);
    for (const bytes of inner) expect(outer.some((around) => around.endsWith(bytes))).toBe(true);
  });

  it('captures once on an interface that is named twice', async ({ hosts }) => {
    const live = hosts.vxdump('e0', 'e0', '-t', '-c', '2', 'inner.icmp');
    await live.says(/listening on e0/);
    await hosts.pair.ping();
    expect(await live.ends()).toBe(0);
    expect(live.stderr.match(/listening on/g)).toHaveLength(1);
    expect(live.stdout).toMatch(/^VXLAN .*echo request.*\nVXLAN .*echo reply.*\n$/);
  });

  it('ends as with Ctrl-C where its terminal is closed', async ({ hosts }) => {
    const path = join(scratch.path, 'hangup.pcapng');
    const live = hosts.vxdump('e0', '-w', path);
    await live.says(/listening on/);
    await hosts.pair.ping(3);
    expect(await live.ends('SIGHUP')).toBe(0);
    expect(live.stderr).toContain('\n0 packets dropped by kernel\n');
    const { frames, source, end } = await readPath(path);
    expect(end?.ended).toBe('complete');
    expect(frames.length).toBeGreaterThanOrEqual(6);
    expect(source).toMatchObject({ drops: 0, span: { untilNs: expect.any(BigInt) } });
  });

  it('names the interface in front of a line where there are several', async ({ hosts }) => {
    const live = hosts.vxdump('e0', 'vx0', '-t', 'icmp');
    await live.says(/listening on vx0/);
    await hosts.pair.ping();
    await live.says(/^e0 .*reply/m);
    await live.says(/^vx0 .*reply/m);
    await live.ends('SIGINT');
    const [inner] = live.stdout.split('\n').filter((line) => line.startsWith('vx0'));
    expect(inner).toMatch(/^vx0 {3}IP 192.168.9.1 > 192.168.9.2: ICMP echo request/);
    expect(live.stdout).toMatch(/^e0 {4}VXLAN vni 5000 10.9.0.1 > 10.9.0.2: IP /m);

    const all = hosts.vxdump('any', '-t', 'icmp');
    await all.says(/listening on any/);
    await hosts.pair.ping();
    await all.says(/^e0 {4}In {2}VXLAN .*reply/m);
    await all.says(/^vx0 {3}In {2}IP .*reply/m);
    expect(await all.ends('SIGINT')).toBe(0);
  });

  it('leaves a readable capture when it is killed', async ({ hosts }) => {
    const path = join(scratch.path, 'killed.pcapng');
    const live = hosts.vxdump('e0', '-w', path);
    await live.says(/listening on/);
    await hosts.pair.ping(3);
    await setTimeout(1_300);
    await live.ends('SIGKILL');
    const { frames, end } = await readPath(path);
    expect(end?.ended).toBe('complete');
    expect(frames.length).toBeGreaterThanOrEqual(8);
    if (hasTool('capinfos')) {
      expect(outputOf('capinfos', ['-c', path])).toMatch(new RegExp(`packets: +${frames.length}\\b`));
    }
    if (hasTool('tshark')) {
      const numbers = outputOf('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.number']);
      expect(numbers.trim().split('\n')).toHaveLength(frames.length);
    }
  });

  it('says in the file when it ran, and what was dropped', async ({ hosts }) => {
    const capture = async (name: string, ...words: string[]) => {
      const path = join(scratch.path, name);
      const live = hosts.vxdump('e0', '-w', path, ...words);
      await live.says(/listening on/);
      // What the file says begins within this time.
      await setTimeout(300);
      const listeningMs = Date.now();
      await hosts.pair.ping();
      const limited = words.includes('-c');
      if (!limited) await setTimeout(500);
      const toldMs = Date.now();
      expect(await live.ends(limited ? undefined : 'SIGINT')).toBe(0);
      const { frames, source, end } = await readPath(path);
      expect(end?.ended).toBe('complete');
      const [firstMs, lastMs] = [frames[0], frames.at(-1)].map(
        (frame) => (frame as FrameOut).seconds * 1000 + (frame as FrameOut).nanoseconds / 1e6,
      ) as [number, number];
      const { fromNs, untilNs } = source.span as CaptureSpan;
      // A number has no room for all nanoseconds since 1970.
      const [fromMs, untilMs] = [Number(fromNs / 1000n) / 1000, Number(untilNs / 1000n) / 1000];
      expect(fromMs).toBeLessThanOrEqual(listeningMs);
      expect(firstMs).toBeGreaterThan(fromMs);
      expect(source.drops).toBe(0);
      if (hasTool('capinfos')) expect(outputOf('capinfos', [path])).toContain('Number of stat entries = 1');
      return { lastMs, untilMs, toldMs };
    };
    const { lastMs, untilMs, toldMs } = await capture('ran.pcapng');
    expect(untilMs).toBeGreaterThanOrEqual(Math.max(toldMs, lastMs + 400));
    expect(untilMs).toBeLessThanOrEqual(Date.now());
    // What came behind the last one that was wanted is not in the file.
    const limited = await capture('ran-short.pcapng', '-c', '1');
    expect(Math.abs(limited.untilMs - limited.lastMs)).toBeLessThan(0.01);
  });

  it('goes on when the interface goes down and up, and ends with 2 when it is gone, with all that it had', async ({
    hosts,
  }) => {
    const path = join(scratch.path, 'gone.pcapng');
    const live = hosts.vxdump('e0', '-w', path);
    await live.says(/listening on/);
    await hosts.pair.ping();
    hosts.pair.ip('link', 'set', 'e0', 'down');
    await live.says(/e0: the interface is down; waiting for it/);
    hosts.pair.ip('link', 'set', 'e0', 'up');
    await setTimeout(200);
    await hosts.pair.ping();
    await setTimeout(200);
    hosts.pair.ip('link', 'del', 'e0');
    expect(await live.ends()).toBe(2);
    expect(live.stderr).toMatch(/vxdump: e0: the interface is gone\n$/);
    const requests = (await readPath(path)).frames.filter(({ bytes }) => bytes.length > 200);
    expect(requests.length).toBeGreaterThanOrEqual(4);
  });

  it('says that there is no such interface, and no permission', async ({ hosts }) => {
    const nowhere = hosts.vxdump('nowhere0');
    expect(await nowhere.ends()).toBe(2);
    expect(nowhere.stderr).toContain('vxdump: nowhere0: no such interface; vxdump live -D lists them');
    const copy = new ReadableCopy();
    try {
      const nobody = hosts.start([...AS_NOBODY, copy.program, 'live', 'e0', '--source', 'ring']);
      expect(await nobody.ends()).toBe(2);
      expect(nobody.stderr).toContain('e0: no permission to capture: run as root, or with CAP_NET_RAW');
      for (const source of sourcesHere().filter((name) => name === 'tcpdump' || name === 'dumpcap')) {
        const child = hosts.start([...AS_NOBODY, copy.program, 'live', 'e0', '--source', source]);
        expect(await child.ends()).toBe(2);
        expect(child.stderr).toMatch(/^vxdump: e0: \w+: .*permission .* \(socket: Operation not permitted\)\n$/);
      }
    } finally {
      copy.remove();
    }
  });

  it('knows no other users than the system does', async ({ hosts }) => {
    const live = hosts.vxdump('e0', '-Z', 'nosuchuser');
    expect(await live.ends()).toBe(2);
    expect(live.stderr).toBe('vxdump: live: -Z nosuchuser: no such user\n');
  });

  it('lists the interfaces of its namespace', async ({ hosts }) => {
    const list = hosts.vxdump('-D');
    expect(await list.ends()).toBe(0);
    expect(list.stdout.trim().split('\n').sort()).toEqual(['any', 'e0', 'lo', 'vx0']);
    expect(existsSync('/proc/net/dev')).toBe(true);
  });
});
