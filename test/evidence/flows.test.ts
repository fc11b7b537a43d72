/** Flows: what only counts must come out as if every frame had been looked at whole. */
import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/evidence/clock.js';
import { Flows } from '../../src/evidence/flows.js';
import { Senders } from '../../src/evidence/senders.js';
import { Inventory } from '../../src/inventory/inventory.js';
import {
  arp,
  echo,
  ethernet,
  frame,
  gre,
  icmpv4,
  ipv4,
  ipv6,
  type Part,
  payload,
  sll,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { dissect } from '../helpers/layers.js';

interface Shape {
  underlay?: Part;
  mac?: number;
  timeToLive?: number;
  source?: number;
  destination?: number;
  sourcePort?: number;
  vni?: number;
  flags?: number;
  innerDestination?: number;
  innerSource?: number;
  innerIp?: number;
  innerTo?: number;
  layer4?: Part[];
  /** What stands between the inner Ethernet and its IP, and the IP itself. */
  tag?: Part[];
  overlay?: Part;
}

/** A frame in a tunnel; what is not given is always the same. */
function tunnelled(shape: Shape = {}): Uint8Array {
  const { mac = 1, timeToLive = 64, source = 1, destination = 2, sourcePort = 50_000, vni = 5000, flags = 8 } = shape;
  const { innerDestination = 4, innerSource = 6, innerIp = 7, innerTo = 8, layer4 = [tcp()], tag = [] } = shape;
  const { underlay = ipv4({ timeToLive, source, destination }) } = shape;
  const { overlay = ipv4({ source: innerIp, destination: innerTo }) } = shape;
  const bytes = frame(
    ethernet({ source: mac }),
    underlay,
    udp({ sourcePort, destinationPort: 4789, checksum: 0 }),
    vxlan({ vni }),
    ethernet({ destination: innerDestination, source: innerSource }),
    ...tag,
    overlay,
    ...layer4,
    payload([1, 2, 3]),
  );
  bytes[42] = flags;
  return bytes;
}

/** What the tables say of frames, a microsecond apart. @param short whether those of open flows only count @returns with how many only counted */
function gather(frames: readonly Uint8Array[], short: boolean) {
  const inventory = new Inventory();
  const senders = new Senders();
  const clock = new Clock();
  const flows = new Flows(inventory, senders, clock);
  let counted = 0;
  for (const [index, bytes] of frames.entries()) {
    const [number, timeNs, stack] = [index + 1, index * 1000, dissect(bytes)];
    clock.timeNs = timeNs;
    if (short && flows.count(number, stack) >= 0) {
      counted++;
      continue;
    }
    const row = inventory.add(stack);
    const receiver = senders.see(number, timeNs, stack, row);
    if (short) flows.open(row, receiver);
  }
  flows.settle();
  const told = {
    tunnels: inventory.tunnels(),
    vteps: inventory.vteps(),
    endpoints: inventory.endpoints(),
    senders: senders.list(),
    receivers: senders.receivers(),
  };
  return { told, counted };
}

function expectSame(frames: readonly Uint8Array[], counted: number): void {
  const short = gather(frames, true);
  expect(short.told).toEqual(gather(frames, false).told);
  expect(short.counted).toBe(counted);
}

describe('flows', () => {
  it('count what follows the first frame, with bytes, last frame and last time', () => {
    const frames = [tunnelled(), tunnelled({ innerIp: 9 }), tunnelled(), tunnelled({ layer4: [udp()] }), tunnelled()];
    expectSame(frames, 2);
  });

  it.each<[string, Shape]>([
    ['the outer MAC', { mac: 0x0102_0000_0001 }],
    ['the outer MAC, at its end', { mac: 3 }],
    ['the outer TTL', { timeToLive: 63 }],
    ['the outer source', { source: 3 }],
    ['the outer destination', { destination: 3 }],
    ['the source port', { sourcePort: 50_001 }],
    ['the VNI', { vni: 5001 }],
    ['the MAC that it is for', { innerDestination: 0x0400_0000_0004 }],
    ['the MAC that it is for, at its end', { innerDestination: 0x10 }],
    ['the MAC that it is from', { innerSource: 0x0600_0000_0000 }],
    ['the MAC that it is from, at its end', { innerSource: 16 }],
    ['the inner source', { innerIp: 9 }],
    ['the inner destination', { innerTo: 9 }],
    ['the protocol', { layer4: [udp({ sourcePort: 49_152, destinationPort: 80 })] }],
    ['a protocol without ports', { layer4: [icmpv4()] }],
    ['a port', { layer4: [tcp({ sourcePort: 9 })] }],
  ])('are told apart by %s', (_, shape) => {
    expectSame([tunnelled(), tunnelled(shape), tunnelled(shape), tunnelled()], 2);
  });

  it.each<[string, Shape]>([
    ['with reserved bits', { flags: 0x18 }],
    ['with two tags', { tag: [vlan(), vlan()] }],
    ['over IPv6', { underlay: ipv6() }],
    ['of IPv6', { overlay: ipv6() }],
    ['with IP in IP', { layer4: [ipv4(), tcp()] }],
    ['with a tunnel inside', { layer4: [gre()] }],
    ['without a layer in their IP', { overlay: ipv4({ protocol: 253 }), layer4: [] }],
  ])('do not take in frames %s', (_, shape) => {
    expectSame([tunnelled(shape), tunnelled(shape)], 0);
  });

  it('do not take in frames with the reserved byte set', () => {
    const frames = [tunnelled(), tunnelled()];
    for (const bytes of frames) bytes[49] = 1;
    expectSame(frames, 0);
  });

  it('do not take in frames of another link layer', () => {
    const parts = [sll(), ipv4(), udp({ destinationPort: 4789 }), vxlan(), ethernet(), ipv4(), tcp()];
    const cooked = dissect(frame(...parts), { linkType: 113 });
    const inventory = new Inventory();
    const flows = new Flows(inventory, new Senders(), new Clock());
    expect([cooked.depth, cooked.tunnelIndex]).toEqual([7, 3]);
    flows.count(1, cooked);
    flows.open(0, -1);
    expect(flows.count(2, cooked)).toBe(-1);
  });

  it('are opened for the frame that was not found, and for no other', () => {
    const flows = new Flows(new Inventory(), new Senders(), new Clock());
    flows.count(1, dissect(tunnelled()));
    flows.count(2, dissect(tunnelled({ tag: [vlan(), vlan()] })));
    flows.open(5, -1);
    expect(flows.count(3, dissect(tunnelled()))).toBe(-1);
  });

  it('take in frames to groups', () => {
    const toGroup = tunnelled({ innerDestination: 0x0100_5e00_0001 });
    expectSame([toGroup, tunnelled(), toGroup], 1);
  });

  it.each<[string, Part[]]>([
    ['TCP', [tcp()]],
    ['UDP', [udp({ destinationPort: 40_000 })]],
    ['a ping', [icmpv4({ rest: echo(1, 2) })]],
  ])('find the same key in the common shape, and layer by layer: %s', (_, layer4) => {
    const [common, tagged] = [tunnelled({ layer4 }), tunnelled({ layer4, tag: [vlan()] })];
    expect([dissect(common).isCommon, dissect(tagged).isCommon]).toEqual([true, false]);
    expectSame([common, tagged, common, tagged], 3);
    expectSame([tagged, common, tagged], 2);
  });

  it('do not tell frames apart by their tag', () => {
    const tagged = (...tag: Part[]) => tunnelled({ tag });
    expectSame(
      [tagged(vlan({ identifier: 7 })), tagged(vlan({ identifier: 8 })), tagged(), tagged(vlan({ service: true }))],
      3,
    );
  });

  it.each([[[]], [[vlan()]]])('of ARP are told apart by the address that they are sent from: behind %j', (tag) => {
    const says = (senderProtocol: number, targetProtocol: number, operation = 1) =>
      tunnelled({ tag, overlay: arp({ operation, senderProtocol, targetProtocol }), layer4: [] });
    expectSame([says(1, 2), says(3, 2), says(1, 4), says(1, 2, 2), says(0xc0a8_0001, 1), says(0xc0a8_0001, 9)], 3);
  });

  it('of ARP for other than IPv4 have no address', () => {
    const says = (protocolType: number) => tunnelled({ overlay: arp({ protocolType, senderProtocol: 1 }), layer4: [] });
    expectSame([says(0x0800), says(0x0806), says(0x0807)], 1);
  });

  it('of ICMP are not told apart by what is no port', () => {
    const ping = (rest: number) => tunnelled({ layer4: [icmpv4({ rest })] });
    expectSame([ping(1), ping(2), ping(3)], 2);
  });

  it('open again when there is no room for one more, and nothing is counted twice or lost', () => {
    const many = Array.from({ length: 33_000 }, (_, port) => tunnelled({ layer4: [tcp({ sourcePort: port })] }));
    const again = many.slice(20_000, 20_010);
    expectSame([...many.slice(0, 1000), ...many, ...again, ...again, ...many.slice(-10)], 1020);
  });
});
