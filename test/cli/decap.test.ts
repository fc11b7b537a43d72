/**
 * `decap` and `read -w` against what was captured inside: the frames of an overlay tap are, byte for byte, what the
 * tunnels of its underlay tap carry.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pcap } from '../helpers/capture-writer.js';
import {
  arp,
  ethernet,
  frame,
  geneve,
  ipv4,
  type Part,
  payload,
  udp,
  vxlan,
  vxlanGpe,
} from '../helpers/frame-builder.js';
import { type FrameOut, readPath, Scratch } from '../helpers/read-capture.js';
import { hasTool, outputOf } from '../helpers/tool.js';
import { vxdump } from '../helpers/vxdump.js';

const CAPTURES = 'fixtures/captures';
const scratch = new Scratch();
afterAll(() => scratch.remove());
const out = (name: string): string => join(scratch.path, name);
const bytesOf = async (path: string): Promise<string[]> => (await readPath(path)).frames.map(({ bytes }) => bytes);

describe('decap', () => {
  it.each(['ovs-golden.hv1-eth0', 'kernel-golden.hv1-eth0'])('gives what the overlay tap saw: %s', async (name) => {
    const underlay = `${CAPTURES}/${name}.pcap`;
    const overlay = `${CAPTURES}/${name.replace('eth0', 'vm1')}.pcap`;
    for (const to of ['inner.pcap', 'inner.pcapng']) {
      expect(await vxdump(['decap', underlay, '-o', out(to)])).toEqual({ exit: 0, stdout: '', stderr: '' });
      expect(await bytesOf(out(to))).toEqual(await bytesOf(overlay));
      const { frames, format, interfaces } = await readPath(out(to));
      expect(format).toBe(to === 'inner.pcap' ? 'pcap' : 'pcapng');
      if (format === 'pcapng') expect(interfaces).toEqual([{ linkType: 1, snaplen: 0, name: 'vni 5000' }]);
      const times = (await readPath(underlay)).frames
        .slice(2)
        .map(({ seconds, nanoseconds }) => [seconds, nanoseconds]);
      expect(frames.map(({ seconds, nanoseconds }) => [seconds, nanoseconds])).toEqual(times);
    }
  });

  it('knows VXLAN on the port of old Linux, and no other port unless told', async () => {
    const path = `${CAPTURES}/port-8472.hv1-eth0.pcap`;
    await vxdump(['decap', path, '-o', out('8472.pcap')]);
    expect(await bytesOf(out('8472.pcap'))).toHaveLength(4);
    expect(await vxdump(['decap', path, '-o', out('none.pcap'), '--vxlan-port', '4789'])).toEqual({
      exit: 0,
      stdout: '',
      stderr: `vxdump: ${path}: no tunnel with a frame in it; --vxlan-port names other UDP ports\n`,
    });
    expect(await bytesOf(out('none.pcap'))).toEqual([]);
  });

  const inner = (last: number): Uint8Array => frame(ethernet({ source: last }), arp());
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const under = (...tunnel: Part[]): Uint8Array => frame(ethernet(), ipv4(), ...tunnel);
  const toVxlan = udp({ destinationPort: 4789 });
  const write = (name: string, ...frames: Uint8Array[]): string =>
    scratch.write(pcap(frames.map((bytes) => ({ bytes }))), name);

  it('tells VNIs apart: one of them, a file for each, an interface for each', async () => {
    const tunnelled = (vni: number, last: number): Uint8Array => under(toVxlan, vxlan({ vni }), payload(inner(last)));
    const path = write('vnis.pcap', tunnelled(9, 1), tunnelled(7, 2), tunnelled(9, 3));
    await vxdump(['decap', path, '-o', out('vnis-out.pcapng')]);
    const all = await readPath(out('vnis-out.pcapng'));
    expect(all.frames.map(({ interfaceId }) => all.interfaces[interfaceId]?.name)).toEqual(['vni 9', 'vni 7', 'vni 9']);
    await vxdump(['decap', path, '-o', out('seven.pcap'), '--vni', '7']);
    expect(await bytesOf(out('seven.pcap'))).toEqual([hex(inner(2))]);
    await vxdump(['decap', path, '-o', out('each.pcap'), '--split']);
    expect(existsSync(out('each.pcap'))).toBe(false);
    expect(await bytesOf(out('each-7.pcap'))).toEqual([hex(inner(2))]);
    expect(await bytesOf(out('each-9.pcap'))).toEqual([hex(inner(1)), hex(inner(3))]);
  });

  it('takes off Geneve, and all tunnels down to the innermost with a VNI', async () => {
    const path = write(
      'others.pcap',
      under(udp({ destinationPort: 6081 }), geneve({ options: [1, 2, 3, 4] }), ethernet({ source: 8 }), arp()),
      under(toVxlan, vxlan({ vni: 1 }), payload(under(toVxlan, vxlan({ vni: 2 }), payload(inner(4))))),
    );
    await vxdump(['decap', path, '-o', out('others-out.pcap')]);
    expect(await bytesOf(out('others-out.pcap'))).toEqual([hex(inner(8)), hex(inner(4))]);
    await vxdump(['decap', path, '-o', out('outer.pcap'), '--vni', '1']);
    expect(await bytesOf(out('outer.pcap'))).toEqual([hex(under(toVxlan, vxlan({ vni: 2 }), payload(inner(4))))]);
  });

  it('says what is no Ethernet frame, and leaves it out', async () => {
    const path = write('gpe.pcap', under(udp({ destinationPort: 4790 }), vxlanGpe(), ipv4(), udp({})));
    const { exit, stderr } = await vxdump(['decap', path, '-o', out('gpe-out.pcap')]);
    expect(exit).toBe(0);
    expect(stderr).toContain('1 tunnelled packets are no Ethernet frames: left out');
    expect(await bytesOf(out('gpe-out.pcap'))).toEqual([]);
  });

  it('gives the whole length of an inner frame that a snaplen or a fragment cut', async () => {
    const whole = under(
      toVxlan,
      vxlan(),
      ethernet(),
      ipv4(),
      udp({ destinationPort: 9 }),
      payload(new Uint8Array(400)),
    );
    const innerLen = whole.length - 50;
    const cut = scratch.write(pcap([{ bytes: whole.subarray(0, 160), wireLen: whole.length }]), 'snaplen.pcap');
    await vxdump(['decap', cut, '-o', out('snaplen-out.pcap')]);
    const { frames } = await readPath(out('snaplen-out.pcap'));
    expect(frames).toMatchObject([{ bytes: hex(whole.subarray(50, 160)), wireLen: innerLen }]);

    const { bytes: first } = (await readPath('fixtures/captures/mtu-fragment.hv1-eth0.pcap')).frames[6] as FrameOut;
    const { stderr } = await vxdump(['decap', 'fixtures/captures/mtu-fragment.hv1-eth0.pcap', '-o', out('mtu.pcap')]);
    expect(stderr).toContain('go on in another fragment of the outer packet: written as cut');
    const pieces = (await readPath(out('mtu.pcap'))).frames.filter(({ bytes, wireLen }) => bytes.length / 2 < wireLen);
    expect(pieces[0]).toMatchObject({ wireLen: 1514, bytes: first.slice(100) });
  });

  it('never writes over what it reads, and refuses what makes no sense', async () => {
    const path = scratch.write(readFileSync(`${CAPTURES}/ovs-golden.hv1-eth0.pcap`), 'self.pcap');
    for (const argv of [
      ['decap', path, '-o', path],
      ['read', path, '-w', path],
      ['decap', path],
      ['decap', path, '-o', '-', '--split'],
      ['decap', path, '-o', `${scratch.path}/`, '--split'],
      ['decap', path, '-o', out('no/where.pcap')],
      ['read', path, '-w', out('x.pcap'), '--format', 'json'],
      ['read', path, '-w', out('x.pcap'), '-W', '3'],
      ['read', path, '-C', '3'],
    ]) {
      const { exit, stdout } = await vxdump(argv);
      expect({ exit, stdout }, argv.join(' ')).toEqual({ exit: 2, stdout: '' });
    }
    expect(await bytesOf(path)).toHaveLength(6);
  });

  it('ends with 3 behind the whole frames of a capture that is cut', async () => {
    const path = scratch.write(readFileSync(`${CAPTURES}/ovs-golden.hv1-eth0.pcap`).subarray(0, -1), 'short.pcap');
    expect((await vxdump(['decap', path, '-o', out('short-out.pcap')])).exit).toBe(3);
    expect(await bytesOf(out('short-out.pcap'))).toHaveLength(3);
    expect((await vxdump(['decap', path, '-o', out('short-out.pcap'), '--allow-truncated'])).exit).toBe(0);
  });
});

describe('read -w', () => {
  const path = `${CAPTURES}/golden-noisy.hv1-any.pcap`;

  it('copies frames with their times, link type and lengths, in either format', async () => {
    for (const name of ['copy.pcap', 'copy.pcapng']) {
      const { exit, stdout, stderr } = await vxdump(['read', path, '-w', out(name)]);
      expect({ exit, stdout }).toEqual({ exit: 0, stdout: '' });
      expect(stderr).toBe(
        `reading from file ${path}, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 262144\n`,
      );
      expect((await readPath(out(name))).frames).toEqual((await readPath(path)).frames);
    }
    await vxdump(['read', path, '-w', out('three.pcap'), '-c', '3']);
    expect(await bytesOf(out('three.pcap'))).toHaveLength(3);
  });

  it.runIf(hasTool('tshark'))('writes what tshark reads as the same', async () => {
    await vxdump(['read', path, '-w', out('shark.pcapng')]);
    const fields = [
      '-T',
      'fields',
      '-e',
      'frame.time_epoch',
      '-e',
      'frame.len',
      '-e',
      'frame.protocols',
      '-e',
      '_ws.col.Info',
    ];
    const shown = outputOf('tshark', ['-n', '-r', path, ...fields]);
    expect(outputOf('tshark', ['-n', '-r', out('shark.pcapng'), ...fields])).toBe(shown);
    expect(shown.split('\n').length).toBeGreaterThan(10);
  });
});
