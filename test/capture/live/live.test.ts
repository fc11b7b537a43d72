/**
 * Live capture for real: in network namespaces of the test's own, with a tcpdump beside it, of what ships.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { requireBuilt } from '../../helpers/built.js';
import { readPath, Scratch } from '../../helpers/read-capture.js';
import { hasTool, outputOf } from '../../helpers/tool.js';
import { canMakeNamespaces, VethPair } from '../../helpers/veth-pair.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** A program in a namespace, with what it has said so far. */
class Running {
  stdout: string;
  stderr: string;
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown[]>;

  constructor(namespace: string, argv: readonly string[]) {
    this.stdout = '';
    this.stderr = '';
    this.child = spawn('ip', ['netns', 'exec', namespace, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (data) => {
      this.stdout += data;
    });
    this.child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.#closed = once(this.child, 'close');
  }

  /** Waits until it has said something; fails where it ends first, or never does. */
  async says(words: RegExp): Promise<void> {
    for (let waited = 0; waited < 15_000; waited += 20) {
      if (words.test(this.stdout) || words.test(this.stderr)) return;
      if (this.child.exitCode !== null) break;
      await setTimeout(20);
    }
    throw new Error(`never said ${words}: ${this.stdout}${this.stderr}`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async ends(name?: NodeJS.Signals): Promise<unknown> {
    if (name !== undefined) this.child.kill(name);
    return (await this.#closed)[0];
  }
}

describe.runIf(canMakeNamespaces())('live', () => {
  let hosts: VethPair;
  const running: Running[] = [];
  beforeAll(requireBuilt);
  beforeEach(() => {
    hosts = new VethPair();
  });
  afterEach(async () => {
    for (const one of running.splice(0)) if (one.child.exitCode === null) await one.ends('SIGKILL');
    hosts.remove();
  });

  function start(...argv: string[]): Running {
    const one = new Running(hosts.here, argv);
    running.push(one);
    return one;
  }
  const vxdump = (...argv: string[]): Running => start('bin/vxdump.js', 'live', ...argv);

  const sources = ['ring', 'tcpdump', ...(hasTool('dumpcap', '-v') ? ['dumpcap'] : [])];
  it.each(sources)(
    '%s sees what a tcpdump beside it sees: frames, lengths, times to the nanosecond',
    async (source) => {
      const beside = join(scratch.path, `${source}-beside.pcap`);
      const tcpdump = start(
        ...['tcpdump', '-Z', 'root', '-i', 'e0', '-U', '--immediate-mode', '--time-stamp-precision=nano', '-w', beside],
      );
      await tcpdump.says(/listening on/);
      const own = join(scratch.path, `${source}.pcapng`);
      const live = vxdump('e0', '--source', source, '-w', own, '-U');
      await live.says(new RegExp(`listening on e0, link-type EN10MB .*source ${source}`));
      hosts.ping(3);
      await setTimeout(1_200);
      expect(await live.ends('SIGINT')).toBe(0);
      await tcpdump.ends('SIGINT');
      const [ours, theirs] = [await readPath(own), await readPath(beside)];
      expect(theirs.frames.length).toBeGreaterThanOrEqual(8);
      const plain = (frames: typeof ours.frames) =>
        frames.map(({ bytes, wireLen, seconds, nanoseconds }) => ({ bytes, wireLen, seconds, nanoseconds }));
      // Without a timestamp that sockets share, each program may have its own: times are compared for the ring.
      if (source === 'ring') expect(plain(ours.frames)).toEqual(plain(theirs.frames));
      else expect(ours.frames.map(({ bytes }) => bytes)).toEqual(theirs.frames.map(({ bytes }) => bytes));
      expect(live.stderr).toContain(`${ours.frames.length} packets captured\n`);
      expect(live.stderr).toContain('0 packets dropped by kernel\n');
      expect(ours.interfaces).toMatchObject([{ name: 'e0', linkType: 1 }]);
    },
  );

  it('prints what passes a filter, counts it, and ends behind -c', async () => {
    const live = vxdump('e0', '-c', '2', '-t', 'vxlan', '5000', 'and', 'inner.icmp');
    await live.says(/listening on e0/);
    hosts.ping(2);
    expect(await live.ends()).toBe(0);
    expect(live.stdout).toMatch(/^VXLAN vni 5000 10.9.0.1 > 10.9.0.2: .*request.*\nVXLAN .* > .*reply.*\n$/);
    expect(live.stderr).toContain('2 packets passed the filter');
  });

  it('runs a libpcap filter in the kernel, on an interface and on any', async () => {
    for (const name of ['e0', 'any']) {
      const live = vxdump(name, '-f', 'udp port 4789', '--format', 'ndjson');
      await live.says(/listening on/);
      hosts.ping(2);
      await live.says(/"seq":2/);
      await live.ends('SIGINT');
      const records = live.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(records.length).toBeGreaterThanOrEqual(4);
      for (const { frame } of records) expect(frame.protocols).toMatch(/^(eth|sll):ip:udp:vxlan/);
    }
    const bad = vxdump('e0', '-f', 'udp prt 4789');
    expect(await bad.ends()).toBe(2);
    expect(bad.stderr).toMatch(/^vxdump: -f udp prt 4789: .*syntax error/);
  });

  it('captures on several interfaces into one file, and the counters are asked for with SIGUSR1', async () => {
    const path = join(scratch.path, 'two.pcapng');
    const live = vxdump('e0', 'vx0', '-w', path);
    await live.says(/listening on vx0/);
    hosts.ping(2);
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

  it('leaves a readable capture when it is killed', async () => {
    const path = join(scratch.path, 'killed.pcapng');
    const live = vxdump('e0', '-w', path);
    await live.says(/listening on/);
    hosts.ping(3);
    await setTimeout(1_300);
    await live.ends('SIGKILL');
    const { frames, end } = await readPath(path);
    expect(end?.ended).toBe('complete');
    expect(frames.length).toBeGreaterThanOrEqual(8);
    if (hasTool('capinfos'))
      expect(outputOf('capinfos', ['-c', path])).toMatch(new RegExp(`packets: +${frames.length}\\b`));
  });

  it('goes on when the interface goes down and up, and ends with 2 when it is gone, with all that it had', async () => {
    const path = join(scratch.path, 'gone.pcapng');
    const live = vxdump('e0', '-w', path);
    await live.says(/listening on/);
    hosts.ping();
    hosts.ip('link', 'set', 'e0', 'down');
    await live.says(/e0: the interface is down; waiting for it/);
    hosts.ip('link', 'set', 'e0', 'up');
    await setTimeout(200);
    hosts.ping();
    await setTimeout(200);
    hosts.ip('link', 'del', 'e0');
    expect(await live.ends()).toBe(2);
    expect(live.stderr).toMatch(/vxdump: e0: the interface is gone\n$/);
    const requests = (await readPath(path)).frames.filter(({ bytes }) => bytes.length > 200);
    expect(requests.length).toBeGreaterThanOrEqual(4);
  });

  it('says that a child has died', async () => {
    const live = vxdump('e0', '--source', 'tcpdump');
    await live.says(/listening on/);
    hosts.ip('link', 'del', 'e0');
    expect(await live.ends()).toBe(2);
    expect(live.stderr).toMatch(/vxdump: e0: tcpdump ended: /);
  });

  it('says that there is no such interface, and no permission', async () => {
    const nowhere = vxdump('nowhere0');
    expect(await nowhere.ends()).toBe(2);
    expect(nowhere.stderr).toContain('ring: nowhere0: no such interface');
    const nobody = start(
      'setpriv',
      '--reuid=65534',
      '--clear-groups',
      '--bounding-set=-all',
      '--inh-caps=-all',
      ...LIVE,
    );
    expect(await nobody.ends()).toBe(2);
    expect(nobody.stderr).toContain('e0: no permission to capture: run as root, or with CAP_NET_RAW');
  });

  it('runs on as another user behind -Z', async () => {
    const live = vxdump('e0', '-Z', 'nobody', '-t');
    await live.says(/listening on/);
    const [child] = readFileSync(`/proc/${live.child.pid}/task/${live.child.pid}/children`, 'utf8').trim().split(' ');
    const pid = child === '' || child === undefined ? live.child.pid : child;
    expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\s+65534\s+65534\s+65534/m);
    hosts.ping();
    await live.says(/echo reply/);
    expect(await live.ends('SIGINT')).toBe(0);
  });

  it('lists the interfaces of its namespace', async () => {
    const list = vxdump('-D');
    expect(await list.ends()).toBe(0);
    expect(list.stdout.trim().split('\n').sort()).toEqual(['any', 'e0', 'lo', 'vx0']);
    expect(existsSync('/proc/net/dev')).toBe(true);
  });
});

const LIVE = ['bin/vxdump.js', 'live', 'e0', '--source', 'ring'];
