/** Senders: what is kept of each, and the limits. */
import { describe, expect, it } from 'vitest';
import { MAX_FLOWS, Senders } from '../../src/evidence/senders.js';
import {
  ethernet,
  frame,
  icmpv4,
  ipv4,
  ipv6,
  type Part,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
  vxlanGpe,
} from '../helpers/frame-builder.js';
import { dissect } from '../helpers/layers.js';

const outer = (timeToLive = 64, sourcePort = 50_000): Part[] => [
  ethernet(),
  ipv4({ timeToLive }),
  udp({ sourcePort, destinationPort: 4789, checksum: 0 }),
  vxlan(),
];
const flow = (port: number): Part[] => [ethernet(), ipv4(), tcp({ sourcePort: port })];

/** Senders that saw these frames in one row, a second apart. */
function seen(...frames: readonly (readonly Part[])[]): Senders {
  const senders = new Senders();
  for (const [index, parts] of frames.entries()) senders.see(index + 1, index * 1e9, dissect(frame(...parts)), 0);
  return senders;
}

describe('a sender', () => {
  it('has its first and last frame, and TTLs', () => {
    const inner = flow(1);
    const frames = [63, 64, 60, 62].map((ttl) => [...outer(ttl), ...inner]);
    expect(seen(...frames).list()).toEqual([
      {
        row: 0,
        firstFrame: 1,
        lastFrame: 4,
        firstNs: 0,
        lastNs: 3e9,
        leastTtl: 60,
        greatestTtl: 64,
        port: 50_000,
        flows: 1,
      },
    ]);
  });

  it('has the hop limit over IPv6', () => {
    const parts = [ethernet(), ipv6({ hopLimit: 9 }), udp({ destinationPort: 4789 }), vxlan(), ...flow(1)];
    expect(seen(parts).list()).toMatchObject([{ leastTtl: 9, greatestTtl: 9 }]);
  });

  it('has a port while there is one alone, and counts flows till then', () => {
    const frames = [1, 2, 1, 3].map((port) => [...outer(), ...flow(port)]);
    expect(seen(...frames).list()).toMatchObject([{ port: 50_000, flows: 3 }]);
    const more = [...frames, [...outer(64, 50_001), ...flow(4)], [...outer(), ...flow(5)]];
    expect(seen(...more).list()).toMatchObject([{ port: null, flows: 3 }]);
  });

  it('counts 16 flows at most', () => {
    const frames = Array.from({ length: MAX_FLOWS + 4 }, (_, port) => [...outer(), ...flow(port + 1)]);
    expect(seen(...frames).list()).toMatchObject([{ flows: 16 }]);
    expect(seen(...frames.slice(0, 15), ...frames.slice(0, 15)).list()).toMatchObject([{ flows: 15 }]);
  });

  it('tells flows apart by addresses and ports, behind tags too; what is not IP, or of no known protocol, has none', () => {
    const inner = ethernet();
    expect(seen([...outer(), inner, ipv4(), tcp()], [...outer(), inner, ipv4(), udp()]).list()).toMatchObject([
      { flows: 2 },
    ]);
    const tagged = [...outer(), inner, vlan(), ipv4(), tcp()];
    expect(seen(tagged, [...outer(), inner, ipv4(), tcp()]).list()).toMatchObject([{ flows: 1 }]);
    const hosts = [1, 2].map((host) => [...outer(), inner, ipv4({ source: host }), icmpv4()]);
    expect(seen(...hosts).list()).toMatchObject([{ flows: 2 }]);
    const hosts6 = [1, 2].map((host) => [...outer(), inner, ipv6({ source: Array(16).fill(host) }), tcp()]);
    expect(seen(...hosts6).list()).toMatchObject([{ flows: 2 }]);
    expect(seen([...outer(), inner, payload([1])]).list()).toMatchObject([{ flows: 0 }]);
    expect(seen([...outer(), inner, ipv4(), payload([1])]).list()).toMatchObject([{ flows: 0 }]);
  });
});

it('receivers have their frames, however they take turns, and whenever one asks', () => {
  const to = (destination: number) => [...outer(), ethernet({ destination }), ipv4(), payload([1])];
  const [a, b] = [0xfedc_ba98_7654, 2];
  const senders = seen(to(a), to(a), to(b), to(a));
  const expected = [
    { row: 0, mac: a, frames: 3, firstFrame: 1, lastFrame: 4, firstNs: 0, lastNs: 3e9 },
    { row: 0, mac: b, frames: 1, firstFrame: 3, lastFrame: 3, firstNs: 2e9, lastNs: 2e9 },
  ];
  expect(senders.receivers()).toEqual(expected);
  expect(senders.receivers()).toEqual(expected);
  senders.see(5, 4e9, dissect(frame(...to(a))), 0);
  expect(senders.receivers()[0]).toMatchObject({ frames: 4, lastFrame: 5, lastNs: 4e9 });
});

it('what has no inner Ethernet was sent to no MAC', () => {
  const gpe = [ethernet(), ipv4(), udp({ destinationPort: 4790 }), vxlanGpe(), ipv4(), tcp()];
  const bare = [...outer(), payload([])];
  const senders = seen(outer(), gpe, bare);
  expect(senders.list()).toMatchObject([{ firstFrame: 1, lastFrame: 3, flows: 0 }]);
  expect(senders.receivers()).toEqual([]);
});

describe('limits', () => {
  it('rows that there was no room for at first have their times, and those before keep theirs', () => {
    const senders = new Senders();
    const stack = dissect(frame(...outer(), ...flow(1)));
    for (const [index, row] of [0, 63, 64, 5000, 0].entries()) senders.see(index + 1, (index + 1) * 1e9, stack, row);
    expect(senders.list().map(({ firstNs, lastNs }) => [firstNs, lastNs])).toEqual([
      [1e9, 5e9],
      [2e9, 2e9],
      [3e9, 3e9],
      [4e9, 4e9],
    ]);
  });

  it('65,536 rows are kept, and those not seen are not told', () => {
    const senders = new Senders();
    const stack = dissect(frame(...outer(), ...flow(1)));
    for (const row of [3, 70, 65_535, 65_536, 3]) senders.see(1, 0, stack, row);
    expect(senders.list().map(({ row }) => row)).toEqual([3, 70, 65_535]);
    expect(senders.receivers().map(({ row, frames }) => [row, frames])).toEqual([
      [3, 2],
      [70, 1],
      [65_535, 1],
    ]);
  });

  it('65,536 receivers are kept: what is sent to more is not credited to others', () => {
    const senders = new Senders();
    const bytes = frame(...outer(), ethernet(), ipv4(), payload([1]));
    const macAt = frame(...outer()).length;
    const view = new DataView(bytes.buffer);
    const send = (mac: number): void => {
      view.setUint32(macAt + 2, mac);
      senders.see(1, 0, dissect(bytes), 0);
    };
    for (let mac = 0; mac < 65_540; mac++) send(mac);
    send(0);
    const receivers = senders.receivers();
    expect(receivers).toHaveLength(65_536);
    expect(receivers[0]).toMatchObject({ frames: 2 });
    expect(receivers.slice(1).every(({ frames }) => frames === 1)).toBe(true);
  });
});
