/** What the kernel filters out, VLAN tags that it takes off, and segments that it has yet to cut. */
import { join } from 'node:path';
import { afterAll, describe, expect } from 'vitest';
import { ethernet, frame, ipv4, type Part, payload, udp, vlan, vxlan } from '../../helpers/frame-builder.js';
import { it, sourcesHere } from '../../helpers/live-hosts.js';
import { readPath, Scratch } from '../../helpers/read-capture.js';
import { hasTool } from '../../helpers/tool.js';
import { canMakeNamespaces } from '../../helpers/veth-pair.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

describe.runIf(canMakeNamespaces())('frames as the kernel gives them', { concurrent: true }, () => {
  const sources = sourcesHere();
  it('runs a libpcap filter in the kernel, on an interface and on any', async ({ hosts }) => {
    for (const name of ['e0', 'any']) {
      const live = hosts.vxdump(name, '-f', 'udp port 4789', '--format', 'ndjson');
      await live.says(/listening on/);
      await hosts.pair.ping(2);
      await live.says(/"seq":2/);
      await live.ends('SIGINT');
      const records = live.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(records.length).toBeGreaterThanOrEqual(4);
      for (const { frame } of records) expect(frame.protocols).toMatch(/^(eth|sll):ip:udp:vxlan/);
    }
    const bad = hosts.vxdump('e0', '-f', 'udp prt 4789');
    expect(await bad.ends()).toBe(2);
    expect(bad.stderr).toMatch(/^vxdump: -f udp prt 4789: .*syntax error/);
  });

  // The kernel takes the outermost tag off before any socket sees the frame, and tells it beside the frame.
  describe.runIf(hasTool('python3', '--version'))('tagged tunnels', () => {
    const tunnel = [
      ipv4({ source: 0x0a09_0002, destination: 0x0a09_0001, protocol: 17 }),
      udp({ destinationPort: 4789 }),
      vxlan({ vni: 77 }),
      ethernet(),
      payload(new Uint8Array(50)),
    ];
    const other = [ipv4({ source: 0x0a09_0002, destination: 0x0a09_0001, protocol: 17 }), udp({ destinationPort: 53 })];
    const wrapped = (parts: readonly Part[]): Uint8Array[] => [
      frame(ethernet({ type: 0x0800 }), ...parts),
      frame(ethernet({ type: 0x8100 }), vlan({ identifier: 100, priority: 5 }), ...parts),
      frame(ethernet({ type: 0x88a8 }), vlan({ identifier: 200, type: 0x8100 }), vlan({ identifier: 100 }), ...parts),
    ];

    it.for(sources)('%s puts a stripped tag back, byte for byte', async (source, { hosts }) => {
      const path = join(scratch.path, `${source}-tags.pcapng`);
      const live = hosts.vxdump('e0', '--source', source, '-c', '3', '-w', path);
      await live.says(/listening on/);
      await hosts.pair.sendFromThere(wrapped(tunnel));
      expect(await live.ends()).toBe(0);
      const { frames } = await readPath(path);
      expect(frames.map(({ bytes }) => bytes)).toEqual(
        wrapped(tunnel).map((bytes) => Buffer.from(bytes).toString('hex')),
      );
    });

    it.for(sources)(
      '%s finds them with -f behind no, one and two tags, and nothing else',
      async (source, { hosts }) => {
        const live = hosts.vxdump('e0', '--source', source, '-f', 'udp port 4789', '--format', 'ndjson');
        await live.says(/listening on/);
        await hosts.pair.sendFromThere([...wrapped(other), ...wrapped(tunnel)]);
        await live.says(/"ieee8021ad"/);
        await live.ends('SIGINT');
        const protocols = live.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).frame.protocols);
        expect(protocols).toEqual([
          expect.stringMatching(/^eth:ip:udp:vxlan/),
          expect.stringMatching(/^eth:vlan:ip:udp:vxlan/),
          expect.stringMatching(/^eth:ieee8021ad:vlan:ip:udp:vxlan/),
        ]);
      },
    );

    it('flags large segments, in a tunnel and bare, and no other frame', async ({ hosts }) => {
      const live = hosts.vxdump('e0', 'vx0', '--format', 'ndjson', 'tcp');
      await live.says(/listening on vx0/);
      await hosts.pair.sendStream();
      // The last packet of a connection that was closed.
      await live.says(/"tap":"vx0".*"flags.fin":1.*\n[\s\S]*"tap":"vx0".*"flags.fin":1/);
      await live.ends('SIGINT');
      const frames = live.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ schema }) => schema === 'vxdump.frame/1');
      for (const tap of ['e0', 'vx0']) {
        const seen = frames.filter((one) => one.tap === tap).map(({ frame }) => frame);
        expect(seen.some(({ gso }) => gso)).toBe(true);
        expect(seen.filter(({ len, gso }) => (gso === true) !== len > 1_514)).toEqual([]);
      }
      expect(live.stderr).toMatch(/^\d+ packets not as on the cable: segmentation offload/m);
    });

    it('shows a stripped tag behind a cooked header, and finds it with -f', async ({ hosts }) => {
      const live = hosts.vxdump('any', '-f', 'udp port 4789', '-c', '3', '--format', 'ndjson');
      await live.says(/listening on/);
      await hosts.pair.sendFromThere([...wrapped(other), ...wrapped(tunnel)]);
      expect(await live.ends()).toBe(0);
      const [plain, tagged, twice] = live.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(tagged.frame.protocols).toMatch(/^sll:vlan:ip:udp:vxlan/);
      expect(tagged.layers[1]).toMatchObject({ layer: 'vlan', id: 100, priority: 5 });
      expect(plain.frame.protocols).toMatch(/^sll:ip:udp:vxlan/);
      expect(twice.frame.protocols).toMatch(/^sll:ieee8021ad:vlan:ip:udp:vxlan/);
    });
  });
});
