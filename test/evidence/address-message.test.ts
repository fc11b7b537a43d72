/** What ARP and neighbour discovery say, and what they do not. */
import { describe, expect, it } from 'vitest';
import { Act, AddressMessage, NO_ADDRESS } from '../../src/evidence/address-message.js';
import { Addresses, Family } from '../../src/inventory/addresses.js';
import {
  arp,
  ethernet,
  frame,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type Part,
  payload,
  sll,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { dissect, type Frame } from '../helpers/layers.js';

/** Link types. */
const [RAW, LINUX_SLL] = [101, 113];
const [MAC, NIC, ALL] = [0x020000000011, 0x020000000012, 0xffffffffffff];
const [US, THEM] = [0xc0a80101, 0xc0a80102];
const v6 = (...last: number[]): number[] => [0xfd, ...Array(15 - last.length).fill(0), ...last];
const [US6, THEM6, ALL6, NONE6] = [v6(1), v6(2), [0xff, 2, ...Array(13).fill(0), 1], Array(16).fill(0)];

/** What a frame says; null where that is nothing. */
function read(parts: readonly Part[], given: Frame = {}, addresses = new Addresses(8)) {
  const [one, other] = [Family.Ipv4, Family.Ipv6].map((family) => readAfter(family, parts, given, addresses));
  expect(one).toEqual(other);
  return one;
}

/** The same, after another message was read, of which nothing may stay. */
function readAfter(before: Family, parts: readonly Part[], given: Frame, addresses: Addresses) {
  const message = new AddressMessage(addresses);
  Object.assign(message, { act: Act.Answer, family: before, sender: 7, mac: 7, other: 7, vlan: 7, toGroup: true });
  const stack = dissect(frame(...parts), given);
  if (!message.read(stack)) return message.act === Act.None ? null : 'has an act';
  const { act, family, sender, mac, other, toGroup, vlan: tag } = message;
  const text = (address: number): string => (address === NO_ADDRESS ? '' : addresses.text(family, address));
  return { act, from: text(sender), other: text(other), mac, toGroup, vlan: tag };
}

const message = (operation: number, senderProtocol: number, targetProtocol: number, more = {}): Part =>
  arp({ operation, senderHardware: MAC, senderProtocol, targetProtocol, ...more });
/** The link says another MAC than the message, which counts. */
const link = (destination = ALL): Part => ethernet({ source: NIC, destination });
const said = { from: '192.168.1.1', other: '192.168.1.2', mac: MAC, toGroup: true, vlan: -1 };

describe('ARP', () => {
  it.each<[string, Part[], object | null]>([
    ['a request asks', [link(), message(1, US, THEM)], { ...said, act: Act.Ask }],
    ['to one host', [link(NIC), message(1, US, THEM)], { ...said, act: Act.Ask, toGroup: false }],
    ['a reply answers', [link(NIC), message(2, US, THEM)], { ...said, act: Act.Answer, toGroup: false }],
    ['a request for oneself announces', [link(), message(1, US, US)], { ...said, act: Act.Announce, other: said.from }],
    ['so does such a reply', [link(), message(2, US, US)], { ...said, act: Act.Announce, other: said.from }],
    [
      'reverse ARP announces a MAC',
      [link(), message(3, 0, 0)],
      { ...said, act: Act.Announce, from: '', other: '0.0.0.0' },
    ],
    ['an answer to reverse ARP does not', [link(), message(4, US, THEM)], null],
    ['a probe says nothing', [link(), message(1, 0, THEM)], null],
    ['nor does a reply of nobody', [link(), message(2, 0, 0)], null],
    ['nor one that is of no Ethernet', [link(), message(1, US, THEM, { hardwareLen: 8 })], null],
    ['nor one that is of no IPv4', [link(), message(1, US, THEM, { protocolType: 0x86dd })], null],
    [
      'high addresses',
      [link(), message(1, 0xfffefdfc, 0xf1000001)],
      { ...said, act: Act.Ask, from: '255.254.253.252', other: '241.0.0.1' },
    ],
  ])('%s', (_, parts, expected) => expect(read(parts)).toEqual(expected));
});

const solicitation = (target: number[]): Part[] => [icmpv6({ type: 135 }), payload(target)];
/** @param mac in the option that tells it, if there is one */
const advertisement = (target: number[], mac?: number): Part[] => {
  const option =
    mac === undefined ? [] : [2, 1, ...[40, 32, 24, 16, 8, 0].map((bits) => Math.floor(mac / 2 ** bits) % 256)];
  return [icmpv6({ type: 136 }), payload([...target, ...option])];
};
const said6 = { from: 'fd00::1', other: 'fd00::2', mac: NIC, toGroup: true, vlan: -1 };

describe('neighbour discovery', () => {
  it.each<[string, Part[], object | null]>([
    ['asks', [ipv6({ source: US6, destination: ALL6 }), ...solicitation(THEM6)], { ...said6, act: Act.Ask }],
    ['a probe says nothing', [ipv6({ source: NONE6, destination: ALL6 }), ...solicitation(THEM6)], null],
    ['answers', [ipv6({ source: US6, destination: THEM6 }), ...advertisement(US6)], { ...said6, act: Act.Answer }],
    [
      'by the MAC that it tells',
      [ipv6({ source: US6, destination: THEM6 }), ...advertisement(US6, MAC)],
      { ...said6, act: Act.Answer, mac: MAC },
    ],
    [
      'for another, too',
      [ipv6({ source: v6(9), destination: THEM6 }), ...advertisement(US6)],
      { ...said6, act: Act.Answer },
    ],
    [
      'to all it announces',
      [ipv6({ source: US6, destination: ALL6 }), ...advertisement(US6)],
      { ...said6, act: Act.Announce, other: 'ff02::1' },
    ],
    ['other messages say nothing', [ipv6({ source: US6, destination: THEM6 }), icmpv6()], null],
  ])('%s', (_, parts, expected) => expect(read([link(), ...parts])).toEqual(expected));

  it('says nothing where there is no room for its addresses, nor where no link tells a MAC', () => {
    const parts = [ipv6({ source: US6, destination: ALL6 }), ...solicitation(THEM6)];
    expect(read([link(), ...parts], {}, new Addresses(2))).not.toBeNull();
    expect(read([link(), ...parts], {}, new Addresses(1))).toBeNull();
    const others = new Addresses(1);
    others.ipv6(Uint8Array.from(THEM6), 0);
    expect(read([link(), ...parts], {}, others)).toBeNull();
    expect(read(parts, { linkType: RAW })).toBeNull();
  });
});

describe('what is around it', () => {
  it('is the innermost link: its VLAN, and whether it goes to all', () => {
    const tags = [link(), vlan({ identifier: 10, service: true }), vlan({ identifier: 20 })];
    expect(read([...tags, message(1, US, THEM)])).toEqual({ ...said, act: Act.Ask, vlan: 20 });
    const toOne = [link(NIC), ...tags.slice(1), message(1, US, THEM)];
    expect(read(toOne)).toEqual({ ...said, act: Act.Ask, vlan: 20, toGroup: false });
    const tunnel = [ethernet(), vlan({ identifier: 30 }), ipv4(), udp({ destinationPort: 4789 }), vxlan()];
    expect(read([...tunnel, link(), message(1, US, THEM)])).toEqual({ ...said, act: Act.Ask });
    const asks = [ipv6({ source: US6, destination: ALL6 }), ...solicitation(THEM6)];
    expect(read([...tags.slice(0, 1), vlan({ identifier: 0 }), ...asks])).toEqual({ ...said6, act: Act.Ask, vlan: 0 });
  });

  it('is not known of cooked frames: who asks is held to ask all', () => {
    expect(read([sll(), message(1, US, THEM)], { linkType: LINUX_SLL })).toEqual({ ...said, act: Act.Ask });
  });

  it('is no error that quotes a message', () => {
    const quoted = [icmpv6({ type: 1, code: 4 }), ipv6({ source: US6, destination: ALL6 }), ...solicitation(THEM6)];
    expect(read([link(), ipv6({ source: US6, destination: THEM6 }), ...quoted])).toBeNull();
    const tunnel = [ipv4(), udp({ destinationPort: 4789 }), vxlan(), link(), message(1, US, THEM)];
    expect(read([link(), ipv4(), icmpv4({ type: 3, code: 3 }), ...tunnel])).toBeNull();
    expect(read([link(), ipv4(), icmpv4()])).toBeNull();
  });
});
