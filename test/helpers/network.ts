/**
 * A network that is made up: hypervisors with a VTEP and some VMs each, from the first ARP request on. What is sent,
 * answered and sent again follows from what arrives, so that a fault on the way has the consequences that it would have.
 */
import { arp, echo, ethernet, frame, icmpv4, ipv4, type Part, payload, tcp, udp, vxlan } from './frame-builder.js';

/** What VMs say to each other: one of them begins, the other one answers. */
export interface Talk {
  readonly kind: 'ping' | 'udp' | 'tcp';
  /** Numbers of VMs; taken as far as they go round. */
  readonly from: number;
  readonly to: number;
  /** Messages, and bytes of data of each. */
  readonly count: number;
  readonly len: number;
  /** When it begins, and how long after each other its messages are sent. */
  readonly startUs: number;
  readonly gapUs: number;
}

export interface Network {
  /** Of latencies. */
  readonly seed: number;
  /** Of each hypervisor: the networks of its VMs, 0 or 1. */
  readonly hosts: readonly { readonly vms: readonly number[] }[];
  /** Whether a router is between the hypervisors. */
  readonly routed: boolean;
  readonly wireUs: number;
  readonly jitterUs: number;
  readonly talks: readonly Talk[];
}

/** A part of the way through a tunnel: from the VM's host to its NIC, between NICs, from the NIC to the VM. */
export type Stage = 'encap' | 'wire' | 'decap';

/** A frame in a tunnel. */
export interface Carried {
  /** Unique. */
  readonly uid: number;
  /** Numbers of the hypervisors. */
  readonly from: number;
  readonly to: number;
  readonly vni: number;
  readonly inner: Inner;
  readonly outerId: number;
}

/** A frame of a VM. */
export interface Inner {
  readonly source: number;
  readonly destination: number;
  readonly parts: readonly Part[];
  readonly len: number;
  /** Unique. */
  readonly number: number;
  readonly isArp: boolean;
  /** The VM whose address is asked for; -1 where it is no question. */
  readonly asked: number;
}

/** What becomes of a frame at a stage: ns until each of its copies arrives, besides what all take; none: it is lost. */
export type Fault = (stage: Stage, carried: Carried, nowNs: number) => readonly number[] | null;

export interface Sighting {
  readonly timeNs: number;
  readonly bytes: Uint8Array;
  /** What is in it; null for the hypervisors' own. */
  readonly inner: Inner | null;
  /** Its tunnel, or the one that it came out of. */
  readonly carried: Carried | null;
}

/** How a VTEP is set up, where that is not as it should be. */
export interface Setup {
  /** Whether a flood list lacks a VTEP. */
  readonly lacks?: (host: number, vtep: number) => boolean;
  /** The VNI of a network at a host. */
  readonly vniOf?: (host: number, net: number) => number;
  /** Whether a host has a tunnel's end: where not, it refuses what comes, and sends nothing. */
  readonly listens?: (host: number) => boolean;
  /** Whether everybody's address and place are known from the start. */
  readonly isKnown?: boolean;
  /** Whether VMs know each other's addresses from the start, and no bridge where they are: as where what those had learnt aged. */
  readonly isForgotten?: boolean;
  /** The VM that is at a place, with its MAC and its address: its own unless told. */
  readonly guestAt?: (place: number) => number;
  /** Which of its places a VM sends from, -1 for none: the one with its number unless told. */
  readonly sendsFrom?: (vm: number, nowNs: number) => number;
  /** Whether a place takes in what comes to it. */
  readonly hears?: (place: number, nowNs: number, isFlood: boolean) => boolean;
  /** Whether a host goes on sending to where it saw a MAC first. */
  readonly isStuck?: (host: number) => boolean;
  readonly fault?: Fault;
}

const ALL = 0xffffffffffff;
const VNIS = [5000, 6000];
export const vtepOf = (host: number): number => 0x0a000001 + host * 0x1_0000;
export const vtepText = (host: number): string => `10.${host}.0.1`;
export const vniText = (net: number): number => VNIS[net] as number;
const nicOf = (host: number): number => 0x0a0000000001 + host;
const ROUTER = 0x0a00000000fe;
export const macOf = (vm: number): number => 0x520000000001 + vm;
const addressOf = (vm: number): number => 0xc0a80101 + vm;

/** The first place at a hypervisor for which there is one of the same network at another, and that one; -1 without. */
export function placesOf({ hosts }: Network, host: number, peer: number): [from: number, to: number] {
  const places = hosts.flatMap(({ vms }, at) => vms.map((net) => ({ host: at, net })));
  for (const [from, { host: near, net }] of places.entries()) {
    const to = near === host ? places.findIndex((other) => other.host === peer && other.net === net) : -1;
    if (to >= 0) return [from, to];
  }
  return [-1, -1];
}

interface Vm {
  readonly number: number;
  readonly host: number;
  readonly net: number;
  /** Who is known, and what waits for an address. */
  readonly neighbours: Set<number>;
  readonly waiting: Map<number, Inner[]>;
  ipId: number;
  /** By talk: of TCP, what came in a row. */
  readonly got: Map<number, number>;
}

/** What all places of a network saw. */
export class Wires {
  /** By place: `vm0`, `nic0`. */
  readonly seen: Map<string, Sighting[]>;
  readonly carried: Carried[];
  /** Frames that the network lost, doubled or held back, with the stage. */
  readonly harmed: { readonly carried: Carried; readonly stage: Stage; readonly nowNs: number }[];
  readonly vms: Vm[];
  readonly #network: Network;
  readonly #setup: Setup;
  readonly #events: { atNs: number; order: number; run: () => void }[];
  readonly #lastAt: Map<string, number>;
  /** By hypervisor, network and MAC, the hypervisor behind which that is: itself, of its own VMs. */
  readonly #table: Map<string, number>;
  readonly #neighbours: Map<string, Carried[] | true>;
  readonly #outerIds: number[];
  readonly #acked: Map<number, (value: number) => void>;
  #now = 0;
  #order = 0;
  #inners = 0;
  #random: number;

  constructor(network: Network, setup: Setup = {}) {
    this.seen = new Map();
    this.carried = [];
    this.harmed = [];
    this.vms = network.hosts.flatMap(({ vms }, host) => vms.map((net) => ({ host, net }))).map(newVm);
    this.#network = network;
    this.#setup = setup;
    this.#events = [];
    this.#lastAt = new Map();
    this.#table = new Map();
    this.#neighbours = new Map();
    this.#outerIds = network.hosts.map((_, host) => 1 + host * 10_000);
    this.#acked = new Map();
    this.#random = network.seed;
    for (const { number } of this.vms) this.seen.set(`vm${number}`, []);
    for (const host of network.hosts.keys()) this.seen.set(`nic${host}`, []);
    if (setup.isKnown || setup.isForgotten) this.#makeKnown();
    for (const [index, talk] of network.talks.entries()) this.#begin(talk, index);
    this.#run();
  }

  #makeKnown(): void {
    const guests = this.vms.filter((vm) => this.#guest(vm) === vm);
    for (const one of guests) {
      for (const { number, host, net } of guests) {
        if (net !== one.net || number === one.number) continue;
        one.neighbours.add(number);
        if (host !== one.host && !this.#setup.isForgotten) this.#table.set(`${one.host} ${net} ${macOf(number)}`, host);
      }
    }
  }

  #run(): void {
    for (;;) {
      let first = 0;
      if (this.#events.length === 0) return;
      for (const [index, { atNs, order }] of this.#events.entries()) {
        const best = this.#events[first] as { atNs: number; order: number };
        if (atNs < best.atNs || (atNs === best.atNs && order < best.order)) first = index;
      }
      const [event] = this.#events.splice(first, 1);
      this.#now = (event as { atNs: number }).atNs;
      event?.run();
    }
  }

  #after(ns: number, run: () => void): void {
    this.#events.push({ atNs: this.#now + Math.round(ns), order: this.#order++, run });
  }

  /** Runs something when a frame has passed a queue: none overtakes another one. */
  #through(queue: string, ns: number, run: () => void): void {
    const atNs = Math.max(this.#now + Math.round(ns), (this.#lastAt.get(queue) ?? 0) + 1000);
    this.#lastAt.set(queue, atNs);
    this.#after(atNs - this.#now, run);
  }

  /** 0..most-1 */
  #upTo(most: number): number {
    this.#random = (Math.imul(this.#random, 1_664_525) + 1_013_904_223) | 0;
    return Math.floor(((this.#random >>> 8) / 0x100_0000) * most);
  }

  #see(place: string, bytes: Uint8Array, inner: Inner | null = null, carried: Carried | null = null): void {
    this.seen.get(place)?.push({ timeNs: this.#now, bytes, inner, carried });
  }

  // What VMs do.

  /** Who is at a place. */
  #guest(place: Vm): Vm {
    return this.vms[this.#setup.guestAt?.(place.number) ?? place.number] as Vm;
  }

  #begin(talk: Talk, index: number): void {
    const from = this.#guest(this.vms[talk.from % this.vms.length] as Vm);
    const peers = this.vms.filter((vm) => vm !== from && vm.net === from.net && this.#guest(vm) === vm);
    const to = peers[talk.to % Math.max(1, peers.length)];
    if (to === undefined) return;
    if (talk.kind === 'tcp') {
      this.#after(talk.startUs * 1000, () => this.#converse(talk, index, from, to));
      return;
    }
    for (let number = 0; number < talk.count; number++) {
      this.#after((talk.startUs + number * talk.gapUs) * 1000, () => {
        const part = talk.kind === 'ping' ? icmpv4({ rest: echo(index, number) }) : udp(ports(index, true));
        this.#send(from, to, [part, data(talk.len, number)]);
      });
    }
  }

  /** The client's side: a handshake, then all segments, again from the first one that is not acknowledged. */
  #converse({ count, len, gapUs }: Talk, index: number, from: Vm, to: Vm): void {
    let acked = 0;
    let tries = 0;
    const say = (at: number, flags: number, bytes: number): void =>
      this.#send(from, to, [
        tcp({ ...ports(index, true), sequenceNumber: 1000 + at, acknowledgmentNumber: flags === 2 ? 0 : 9001, flags }),
        ...(bytes > 0 ? [data(bytes, at)] : []),
      ]);
    const end = 1 + count * len;
    const watch = (): void =>
      this.#after(200e6 * 2 ** tries, () => {
        if (acked >= end || tries++ > 4) return;
        if (acked === 0) say(0, 2, 0);
        else say(acked, 0x18, len);
        watch();
      });
    this.#acked.set(index, (value) => {
      const isFirst = acked === 0;
      if (value <= acked) return;
      acked = value;
      tries = 0;
      if (!isFirst) return;
      say(1, 0x10, 0);
      for (let number = 0; number < count; number++) {
        this.#after((number + 1) * gapUs * 1000, () => say(1 + number * len, 0x18, len));
      }
    });
    say(0, 2, 0);
    watch();
  }

  /** Sends a packet, after the neighbour was asked for where need be. */
  #send(from: Vm, to: Vm, parts: readonly Part[]): void {
    const [source, destination] = [macOf(from.number), macOf(to.number)];
    const ip = ipv4({
      source: addressOf(from.number),
      destination: addressOf(to.number),
      identification: from.ipId++ & 0xffff,
    });
    const inner = this.#inner([ethernet({ source, destination }), ip, ...parts], source, destination);
    if (from.neighbours.has(to.number)) {
      this.#leave(from, inner);
      return;
    }
    const waiting = from.waiting.get(to.number);
    if (waiting !== undefined) {
      if (waiting.length < 64) waiting.push(inner);
      return;
    }
    from.waiting.set(to.number, [inner]);
    this.#ask(from, to, 3);
  }

  #ask(from: Vm, to: Vm, tries: number): void {
    if (from.neighbours.has(to.number)) return;
    if (tries === 0) {
      from.waiting.delete(to.number);
      return;
    }
    this.#leave(from, this.#arp(from.number, to.number, true));
    this.#after(1e9, () => this.#ask(from, to, tries - 1));
  }

  #hear(place: Vm, inner: Inner, carried: Carried | null): void {
    if (!this.#hears(place, inner)) return;
    this.#see(`vm${place.number}`, frame(...inner.parts), inner, carried);
    const vm = this.#guest(place);
    if (inner.destination !== ALL && inner.destination !== macOf(vm.number)) return;
    const sender = this.vms[inner.source - macOf(0)] as Vm;
    if (inner.isArp) {
      if (inner.destination === ALL && inner.asked !== vm.number) return;
      vm.neighbours.add(sender.number);
      for (const waiting of vm.waiting.get(sender.number) ?? []) this.#leave(vm, waiting);
      vm.waiting.delete(sender.number);
      if (inner.destination === ALL) {
        this.#after(5000 + this.#upTo(40_000), () => this.#leave(vm, this.#arp(vm.number, sender.number, false)));
      }
      return;
    }
    this.#after(5000 + this.#upTo(100_000), () => this.#answer(vm, sender, inner));
  }

  #hears(place: Vm, { source, destination }: Inner): boolean {
    // What a VM sent does not come back to it by another place.
    if (source === macOf(this.#guest(place).number)) return false;
    return this.#setup.hears?.(place.number, this.#now, destination === ALL) ?? true;
  }

  #answer(vm: Vm, peer: Vm, { parts }: Inner): void {
    const bytes = frame(...parts);
    const at = 34;
    const word = (offset: number): number => (((bytes[offset] as number) << 8) | (bytes[offset + 1] as number)) >>> 0;
    if (bytes[23] === 1 && bytes[at] === 8) {
      const rest = word(at + 4) * 0x1_0000 + word(at + 6);
      this.#send(vm, peer, [icmpv4({ type: 0, rest }), payload(bytes.subarray(at + 8))]);
    } else if (bytes[23] === 17 && word(at + 2) === 53) {
      const index = word(at) - 40_000;
      this.#send(vm, peer, [udp(ports(index, false)), payload(bytes.subarray(at + 8))]);
    } else if (bytes[23] === 6) {
      this.#answerTcp(vm, peer, bytes.subarray(at));
    }
  }

  #answerTcp(vm: Vm, peer: Vm, segment: Uint8Array): void {
    const view = new DataView(segment.buffer, segment.byteOffset, segment.byteLength);
    const [flags, dataLen] = [view.getUint8(13), segment.length - 20];
    if (view.getUint16(2) !== 53) {
      this.#acked.get(view.getUint16(2) - 40_000)?.(view.getUint32(8) - 1000);
      return;
    }
    if ((flags & 2) === 0 && dataLen === 0) return;
    const index = view.getUint16(0) - 40_000;
    const at = view.getUint32(4) - 1000;
    const got = vm.got.get(index) ?? 0;
    const next = (flags & 2) !== 0 ? Math.max(1, got) : at === got ? at + dataLen : got;
    vm.got.set(index, next);
    this.#send(vm, peer, [
      tcp({
        ...ports(index, false),
        sequenceNumber: (flags & 2) !== 0 ? 9000 : 9001,
        acknowledgmentNumber: 1000 + next,
        flags: (flags & 2) !== 0 ? 0x12 : 0x10,
      }),
    ]);
  }

  #inner(parts: readonly Part[], source: number, destination: number, isArp = false, asked = -1): Inner {
    return { source, destination, parts, len: frame(...parts).length, number: this.#inners++, isArp, asked };
  }

  #arp(from: number, to: number, isRequest: boolean): Inner {
    const [source, destination] = [macOf(from), isRequest ? ALL : macOf(to)];
    const message = arp({
      operation: isRequest ? 1 : 2,
      senderHardware: source,
      senderProtocol: addressOf(from),
      targetHardware: isRequest ? 0 : destination,
      targetProtocol: addressOf(to),
    });
    const link = ethernet({ source, destination });
    return this.#inner([link, message], source, destination, true, isRequest ? to : -1);
  }

  // What hypervisors do.

  #leave(vm: Vm, inner: Inner): void {
    const place = this.vms[this.#setup.sendsFrom?.(vm.number, this.#now) ?? vm.number];
    if (place === undefined) return;
    this.#see(`vm${place.number}`, frame(...inner.parts), inner);
    const { host, net } = place;
    if (this.#setup.isForgotten) this.#table.set(`${host} ${net} ${inner.source}`, host);
    const at = this.#table.get(`${host} ${net} ${inner.destination}`);
    const locals = this.vms.filter((other) => other !== place && other.host === host && other.net === net);
    const local = locals.filter((other) => this.#isFor(other, inner) && this.#hears(other, inner));
    for (const other of local) {
      this.#through(`vm${other.number}`, this.#within(), () => this.#hear(other, inner, null));
    }
    const isLocal = this.#setup.isForgotten ? at === host : inner.destination !== ALL && local.length > 0;
    if (isLocal || !this.#listens(host)) return;
    const others = [...this.#network.hosts.keys()].filter((other) => other !== host && this.#has(other, net));
    const to = at === undefined ? others.filter((other) => !this.#setup.lacks?.(host, other)) : [at];
    for (const other of to) this.#carry(host, other, net, inner);
  }

  #isFor(place: Vm, { destination }: Inner): boolean {
    return (
      destination === ALL || destination === macOf(this.#guest(place).number) || this.#isFlooded(place, destination)
    );
  }

  /** Whether a bridge sends what is for a MAC to all of its places: it has not learnt where that is. */
  #isFlooded({ host, net }: Vm, destination: number): boolean {
    return this.#setup.isForgotten === true && !this.#table.has(`${host} ${net} ${destination}`);
  }

  #listens(host: number): boolean {
    return this.#setup.listens?.(host) ?? true;
  }

  #has(host: number, net: number): boolean {
    return (this.#network.hosts[host] as { vms: readonly number[] }).vms.includes(net);
  }

  #vni(host: number, net: number): number {
    return this.#setup.vniOf?.(host, net) ?? vniText(net);
  }

  #carry(from: number, to: number, net: number, inner: Inner): void {
    const outerId = (this.#outerIds[from] as number) & 0xffff;
    this.#outerIds[from] = outerId + 1;
    const carried = { uid: this.carried.length, from, to, vni: this.#vni(from, net), inner, outerId };
    this.carried.push(carried);
    this.#stage('encap', carried, `encap${from}`, this.#within(), () => this.#resolve(carried));
  }

  /** A frame waits until the address of its next hop is known. */
  #resolve(carried: Carried): void {
    const { from, to } = carried;
    const hop = this.#network.routed ? -1 : to;
    const known = this.#neighbours.get(`${from} ${hop}`);
    if (known === true) this.#transmit(carried);
    else if (known !== undefined) known.push(carried);
    else {
      this.#neighbours.set(`${from} ${hop}`, [carried]);
      this.#askUnderlay(from, hop);
    }
  }

  #askUnderlay(from: number, hop: number): void {
    const [target, mac] = hop < 0 ? [vtepOf(from) + 0xfd, ROUTER] : [vtepOf(hop), nicOf(hop)];
    const request = frame(
      ethernet({ source: nicOf(from), destination: ALL }),
      arp({ senderHardware: nicOf(from), senderProtocol: vtepOf(from), targetProtocol: target }),
    );
    const reply = frame(
      ethernet({ source: mac, destination: nicOf(from) }),
      arp({
        operation: 2,
        senderHardware: mac,
        senderProtocol: target,
        targetHardware: nicOf(from),
        targetProtocol: vtepOf(from),
      }),
    );
    this.#see(`nic${from}`, request);
    const answer = (): void => {
      if (hop >= 0) this.#see(`nic${hop}`, reply);
      this.#through(`wire${hop}>${from}`, this.#across(), () => {
        this.#see(`nic${from}`, reply);
        const key = `${from} ${hop}`;
        const waiting = this.#neighbours.get(key) as Carried[];
        this.#neighbours.set(key, true);
        for (const carried of waiting) this.#transmit(carried);
      });
    };
    for (const other of this.#network.hosts.keys()) {
      if (other === from || hop < 0) continue;
      this.#through(`wire${from}>${other}`, this.#across(), () => {
        this.#see(`nic${other}`, request);
        if (other === hop) this.#after(10_000 + this.#upTo(20_000), answer);
      });
    }
    if (hop < 0) this.#after(50_000, answer);
  }

  #transmit(carried: Carried): void {
    const { from, to, inner } = carried;
    this.#see(`nic${from}`, this.#wrapped(carried, false), inner, carried);
    this.#stage('wire', carried, `wire${from}>${to}`, this.#across(), () => {
      this.#see(`nic${to}`, this.#wrapped(carried, true), inner, carried);
      this.#stage('decap', carried, `decap${to}`, this.#within(), () => this.#unwrap(carried));
    });
  }

  #unwrap(carried: Carried): void {
    const { from, to, vni, inner } = carried;
    if (!this.#listens(to)) {
      this.#refuse(carried);
      return;
    }
    const net = [0, 1].find((one) => this.#has(to, one) && this.#vni(to, one) === vni);
    if (net === undefined) return;
    const entry = `${to} ${net} ${inner.source}`;
    if (!this.#table.has(entry) || !this.#setup.isStuck?.(to)) this.#table.set(entry, from);
    for (const place of this.vms) {
      if (place.host === to && place.net === net && this.#isFor(place, inner)) this.#hear(place, inner, carried);
    }
  }

  /** Nobody listens on the port: the host says so, and quotes what came. */
  #refuse(carried: Carried): void {
    const { from, to } = carried;
    const { routed } = this.#network;
    const quoted = payload(this.#wrapped(carried, true).subarray(14, 14 + 28 + 8 + 28));
    const error = (arrived: boolean): Uint8Array =>
      frame(
        ethernet({
          source: routed && arrived ? ROUTER : nicOf(to),
          destination: routed && !arrived ? ROUTER : nicOf(from),
        }),
        ipv4({ source: vtepOf(to), destination: vtepOf(from), timeToLive: routed && arrived ? 63 : 64 }),
        icmpv4({ type: 3, code: 3, rest: 0 }),
        quoted,
      );
    this.#see(`nic${to}`, error(false));
    this.#through(`wire${to}>${from}`, this.#across(), () => this.#see(`nic${from}`, error(true)));
  }

  /** Passes a stage, as the fault has it. */
  #stage(stage: Stage, carried: Carried, queue: string, ns: number, run: () => void): void {
    const fate = this.#setup.fault?.(stage, carried, this.#now) ?? null;
    if (fate !== null) this.harmed.push({ carried, stage, nowNs: this.#now });
    const [first, ...copies] = fate ?? [0];
    if (first === undefined) return;
    // Copies come behind what they are of: one that overtook others would have them late.
    const arrive = (): void => {
      run();
      for (const extra of copies) this.#after(extra - first, run);
    };
    if (first === 0) this.#through(queue, ns, arrive);
    else this.#after(ns + first, arrive);
  }

  #wrapped({ from, to, vni, inner, outerId }: Carried, arrived: boolean): Uint8Array {
    const isRouted = this.#network.routed;
    return frame(
      ethernet({
        source: isRouted && arrived ? ROUTER : nicOf(from),
        destination: isRouted && !arrived ? ROUTER : nicOf(to),
      }),
      ipv4({
        source: vtepOf(from),
        destination: vtepOf(to),
        identification: outerId,
        timeToLive: isRouted && arrived ? 63 : 64,
      }),
      udp({ sourcePort: 49_152 + ((inner.source + inner.destination) % 1000), destinationPort: 4789, checksum: 0 }),
      vxlan({ vni }),
      ...inner.parts,
    );
  }

  /** ns within a host. */
  #within(): number {
    return 10_000 + this.#upTo(40_000);
  }

  /** ns from host to host. */
  #across(): number {
    return this.#network.wireUs * 1000 + this.#upTo(this.#network.jitterUs * 1000);
  }
}

function newVm({ host, net }: { host: number; net: number }, number: number): Vm {
  return { number, host, net, neighbours: new Set(), waiting: new Map(), ipId: 1 + number * 5000, got: new Map() };
}

function ports(talk: number, isThere: boolean): { sourcePort: number; destinationPort: number } {
  // A number of its own on the one side tells talks apart.
  return isThere
    ? { sourcePort: 40_000 + talk, destinationPort: 53 }
    : { sourcePort: 53, destinationPort: 40_000 + talk };
}

function data(len: number, number: number): Part {
  return payload(Array.from({ length: len }, (_, at) => (at + number) & 0xff));
}
