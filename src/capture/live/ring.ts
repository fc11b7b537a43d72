/**
 * Frames from a ring that the kernel fills and this process maps: AF_PACKET with TPACKET_V3 (packet(7), and the kernel's
 * Documentation/networking/packet_mmap.rst). Frames are dissected where they lie; a block goes back to the kernel once
 * the batch over it has been used.
 *
 * ```
 * block   version 4 | offset to private 4 | status 4 | frames 4 | offset to first 4 | length 4 | ...
 * frame   offset to next 4 | seconds 4 | nanoseconds 4 | captured 4 | on the wire 4 | status 4 | MAC 2 | network 2 |
 *         hash 4 | VLAN TCI 4 | VLAN TPID 2 | ... 48: sockaddr_ll
 * ```
 * A VLAN tag that the kernel has taken off is put back in front of the type, into room that is reserved for it.
 */
import { setImmediate } from 'node:timers/promises';
import { VxdumpError } from '../../errors.js';
import { type CaptureInterface, FrameBatch } from '../source.js';
import { compileKernelFilter } from './kernel-filter.js';
import { ANY, type LiveCounters, type LiveOptions, type LiveSource, MAX_CABLE_LEN } from './live-source.js';
import { loadPacketSystem, type PacketSystem, type Readiness, SystemError } from './packet-system.js';

const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const SOCK_RAW = 3;
const SOL_SOCKET = 1;
const SO_ERROR = 4;
const SO_TIMESTAMPNS = 35;
const SOL_PACKET = 263;
const PACKET_ADD_MEMBERSHIP = 1;
const PACKET_RX_RING = 5;
const PACKET_STATISTICS = 6;
const PACKET_VERSION = 10;
const PACKET_RESERVE = 12;
const TPACKET_V3 = 2;
const PACKET_MR_PROMISC = 1;
const ETH_P_ALL = 3;
const ETH_P_IP = 0x0800;
const PACKET_OUTGOING = 4;
const EPERM = 1;
const ENODEV = 19;
const ENETDOWN = 100;

/** It holds the largest frame that a snaplen lets through; many small blocks survive a longer pause than few large ones. */
const BLOCK_LEN = 524_288;
const DEFAULT_BUFFER_KIB = 65_536;
/** How long a block that is not full waits, ms: what a lone frame's latency is. */
const RETIRE_MS = 2;
/** With what an event loop takes to get here. */
const LATENCY_MS = 20;
/** Blocks between two turns of the event loop: timers and signals need theirs. */
const BLOCKS_PER_TURN = 4;

const BLOCK_STATUS = 8;
const BLOCK_FRAMES = 12;
const BLOCK_FIRST = 16;
const STATUS_USER = 1;
const NEXT = 0;
const SECONDS = 4;
const NANOSECONDS = 8;
const CAPTURED = 12;
const WIRE = 16;
const STATUS = 20;
const MAC = 24;
const TCI = 32;
const TPID = 36;
const ADDRESS = 48;
const ADDRESS_PROTOCOL = ADDRESS + 2;
const ADDRESS_INTERFACE = ADDRESS + 4;
const ADDRESS_HARDWARE = ADDRESS + 8;
const ADDRESS_TYPE = ADDRESS + 10;
const ADDRESS_LEN = ADDRESS + 11;
const ADDRESS_MAC = ADDRESS + 12;
const VLAN_VALID = 0x10;
/** From Linux 6.2 on: a TCP segment that is not cut yet, in a tunnel or not. */
const GSO_TCP = 0x100;
const TPID_VALID = 0x40;
const DEFAULT_TPID = 0x8100;
const TAG_LEN = 4;
const MACS_LEN = 12;
/** A frame takes no less of a block than this. */
const MIN_FRAME_LEN = 96;

const LINK_ETHERNET = 1;
const LINK_COOKED = 276;
const COOKED_LEN = 20;
/** ARPHRD_ETHER and ARPHRD_LOOPBACK. */
const ETHERNET_HARDWARE: readonly number[] = [1, 772];

/** What is at a name in the system's list of interfaces. */
interface Device {
  /** 0 for all of them. */
  readonly index: number;
  readonly cooked: boolean;
}

/**
 * Opens a ring on an interface.
 *
 * @param name the interface; `any` for all, with cooked headers
 * @throws E_INTERFACE where there is no such interface; E_LIVE without permission or koffi; E_FILTER
 */
export async function openRing(name: string, options: LiveOptions): Promise<LiveSource> {
  const system = await loadPacketSystem();
  let fd = -1;
  try {
    const device = findDevice(name, system);
    const filter = await compileKernelFilter(options.filter, device.cooked, options.snaplen, name);
    fd = system.socket(AF_PACKET, device.cooked ? SOCK_DGRAM : SOCK_RAW, 0);
    const blocks = Math.max(4, Math.ceil(((options.bufferKib ?? DEFAULT_BUFFER_KIB) * 1024) / BLOCK_LEN));
    system.setOption(fd, SOL_PACKET, PACKET_VERSION, words(TPACKET_V3));
    system.setOption(fd, SOL_PACKET, PACKET_RESERVE, words(COOKED_LEN + TAG_LEN));
    // With it a frame has one time for all sockets that see it.
    system.setOption(fd, SOL_SOCKET, SO_TIMESTAMPNS, words(1));
    system.attachFilter(fd, filter);
    const frameLen = 2048;
    system.setOption(
      fd,
      SOL_PACKET,
      PACKET_RX_RING,
      words(BLOCK_LEN, blocks, frameLen, (BLOCK_LEN / frameLen) * blocks, RETIRE_MS, 0, 0),
    );
    const bytes = new Uint8Array(system.map(fd, BLOCK_LEN * blocks));
    if (options.promiscuous && device.index !== 0) {
      system.setOption(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, words(device.index, PACKET_MR_PROMISC, 0, 0));
    }
    system.bind(fd, address(device.index, ETH_P_ALL));
    return new Ring(name, device, system, fd, bytes, options);
  } catch (error) {
    if (fd >= 0) system.close(fd);
    throw explained(name, error);
  }
}

/** @throws E_INTERFACE where there is none; SystemError */
function findDevice(name: string, system: PacketSystem): Device {
  if (name === ANY) return { index: 0, cooked: true };
  const index = system.interfaceIndex(name);
  if (index === 0) throw new VxdumpError('E_INTERFACE', `${name}: no such interface; vxdump live -D lists them`);
  const fd = system.socket(AF_PACKET, SOCK_RAW, 0);
  try {
    system.bind(fd, address(index, 0));
    const bound = system.boundTo(fd);
    return { index, cooked: !ETHERNET_HARDWARE.includes(new DataView(bound.buffer).getUint16(8, true)) };
  } finally {
    system.close(fd);
  }
}

/** What is wrong, for a person. */
function explained(name: string, error: unknown): unknown {
  if (!(error instanceof SystemError)) return error;
  const permitted = error.errno !== EPERM;
  const reason = permitted ? error.message : 'no permission to capture: run as root, or with CAP_NET_RAW';
  return new VxdumpError('E_LIVE', `${name}: ${reason}`, error);
}

class Ring implements LiveSource {
  readonly kind: 'ring';
  readonly path: string;
  readonly timeDigits: 9;
  readonly latencyMs: number;
  readonly snaplen: number;
  readonly interfaces: readonly CaptureInterface[];
  readonly #device: Device;
  readonly #system: PacketSystem;
  readonly #fd: number;
  readonly #readiness: Readiness;
  #bytes: Uint8Array;
  #view: DataView;
  #words: Int32Array;
  readonly #direction: LiveOptions['direction'];
  readonly #onNote: (note: string) => void;
  /** Outgoing frames of this interface come in again: they are not taken twice. */
  readonly #loopback: number;
  #received = 0;
  #dropped = 0;
  #gso = 0;
  #stopped: boolean;
  #closed: boolean;
  #wake: () => void;

  constructor(
    name: string,
    device: Device,
    system: PacketSystem,
    fd: number,
    bytes: Uint8Array,
    { snaplen, direction, onNote }: LiveOptions,
  ) {
    this.kind = 'ring';
    this.path = name;
    this.timeDigits = 9;
    this.latencyMs = LATENCY_MS;
    this.snaplen = snaplen;
    this.interfaces = [{ linkType: device.cooked ? LINK_COOKED : LINK_ETHERNET, snaplen, name }];
    this.#device = device;
    this.#system = system;
    this.#fd = fd;
    this.#readiness = system.readiness(fd);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
    this.#words = new Int32Array(bytes.buffer);
    this.#direction = direction;
    this.#onNote = onNote;
    this.#loopback = system.interfaceIndex('lo');
    this.#stopped = false;
    this.#closed = false;
    this.#wake = () => {};
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    const batch = new FrameBatch(Math.floor(BLOCK_LEN / MIN_FRAME_LEN));
    batch.linkType.fill(this.#device.cooked ? LINK_COOKED : LINK_ETHERNET);
    batch.bytes = this.#bytes;
    const blocks = this.#bytes.length / BLOCK_LEN;
    // Once it is told to stop, it waits once more for what is on its way, and goes round the ring once at most.
    let left = Number.POSITIVE_INFINITY;
    let settled = false;
    try {
      for (let block = 0, walked = 0; !this.#closed; ) {
        if (this.#stopped && left > blocks) left = blocks;
        const at = block * BLOCK_LEN;
        const status = (at + BLOCK_STATUS) >> 2;
        if ((Atomics.load(this.#words, status) & STATUS_USER) === 0) {
          if (settled) return;
          settled = this.#stopped;
          await this.#ready();
          continue;
        }
        if (left-- <= 0) return;
        this.#walk(at, batch);
        if (batch.count > 0) yield batch;
        if (this.#closed) return;
        Atomics.store(this.#words, status, 0);
        block = (block + 1) % blocks;
        if (++walked % BLOCKS_PER_TURN === 0) await setImmediate();
      }
    } finally {
      await this.close();
    }
  }

  async counters(): Promise<LiveCounters> {
    if (!this.#closed) this.#count();
    return { received: this.#received, dropped: this.#dropped, gso: this.#gso };
  }

  stop(): void {
    this.#stopped = true;
    this.#wake();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#count();
    this.#closed = true;
    this.#readiness.stop();
    this.#wake();
    // The mapping holds the socket: without a protocol it sees nothing any more.
    this.#system.bind(this.#fd, address(0, 0));
    this.#system.close(this.#fd);
    this.#bytes = new Uint8Array(0);
    this.#view = new DataView(this.#bytes.buffer);
    this.#words = new Int32Array(0);
  }

  /** Adds what the kernel counted since it was asked last: reading sets it to 0; dropped frames are among those received. */
  #count(): void {
    const counts = new DataView(this.#system.getOption(this.#fd, SOL_PACKET, PACKET_STATISTICS, 12).buffer);
    this.#received += counts.getUint32(0, true);
    this.#dropped += counts.getUint32(4, true);
  }

  /** Waits until a block may be full, the interface has changed, or the capture is to end. */
  async #ready(): Promise<void> {
    await new Promise<void>((resolve) => {
      let timer: NodeJS.Timeout | null = null;
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
      // A block that is being filled is given up after a while: then the last frames are there.
      if (this.#stopped) timer = setTimeout(resolve, 2 * RETIRE_MS + 1);
      this.#readiness.start(resolve);
    });
    if (this.#closed) return;
    const [error = 0] = new Int32Array(this.#system.getOption(this.#fd, SOL_SOCKET, SO_ERROR, 4).buffer);
    if (error === 0) return;
    if (this.#device.index !== 0 && this.#system.interfaceIndex(this.path) !== this.#device.index) {
      throw new VxdumpError('E_LIVE', `${this.path}: the interface is gone`);
    }
    if (error !== ENETDOWN && error !== ENODEV) throw new VxdumpError('E_LIVE', `${this.path}: socket error ${error}`);
    this.#onNote(`${this.path}: the interface is down; waiting for it`);
  }

  /** Makes a batch of one block's frames. **Cost** no allocation. */
  #walk(blockAt: number, batch: FrameBatch): void {
    const view = this.#view;
    const frames = view.getUint32(blockAt + BLOCK_FRAMES, true);
    let header = blockAt + view.getUint32(blockAt + BLOCK_FIRST, true);
    let count = 0;
    for (let frame = 0; frame < frames; frame++) {
      if (this.#wanted(header)) {
        let at = header + view.getUint16(header + MAC, true);
        let capturedLen = view.getUint32(header + CAPTURED, true);
        let wireLen = view.getUint32(header + WIRE, true);
        const added = this.#device.cooked ? this.#cook(header, at) : this.#tag(header, at);
        at -= added;
        capturedLen += added;
        wireLen += added;
        const gso = wireLen > MAX_CABLE_LEN || (view.getUint32(header + STATUS, true) & GSO_TCP) !== 0 ? 1 : 0;
        this.#gso += gso;
        batch.gso[count] = gso;
        batch.at[count] = at;
        batch.capturedLen[count] = capturedLen > this.snaplen ? this.snaplen : capturedLen;
        batch.wireLen[count] = wireLen;
        batch.seconds[count] = view.getUint32(header + SECONDS, true);
        batch.nanoseconds[count] = view.getUint32(header + NANOSECONDS, true);
        count++;
      }
      header += view.getUint32(header + NEXT, true);
    }
    batch.count = count;
  }

  #wanted(header: number): boolean {
    const outgoing = this.#bytes[header + ADDRESS_TYPE] === PACKET_OUTGOING;
    if (!outgoing) return this.#direction !== 'out';
    return this.#direction !== 'in' && this.#view.getInt32(header + ADDRESS_INTERFACE, true) !== this.#loopback;
  }

  /** Puts a tag back that the kernel took off. @returns bytes by which the frame begins earlier */
  #tag(header: number, at: number): number {
    const view = this.#view;
    const status = view.getUint32(header + STATUS, true);
    if ((status & VLAN_VALID) === 0) return 0;
    this.#bytes.copyWithin(at - TAG_LEN, at, at + MACS_LEN);
    view.setUint16(at - TAG_LEN + MACS_LEN, this.#tpid(header, status));
    view.setUint16(at - TAG_LEN + MACS_LEN + 2, view.getUint32(header + TCI, true));
    return TAG_LEN;
  }

  /** Puts a cooked header (LINUX_SLL2) in front, and a tag that the kernel took off behind it. @returns their length */
  #cook(header: number, at: number): number {
    const view = this.#view;
    const status = view.getUint32(header + STATUS, true);
    // In the order of the wire, where it stands too.
    const protocol = view.getUint16(header + ADDRESS_PROTOCOL);
    const tagged = (status & VLAN_VALID) !== 0;
    if (tagged) {
      view.setUint16(at - TAG_LEN, view.getUint32(header + TCI, true));
      view.setUint16(at - TAG_LEN + 2, this.#startsWithTag(header, at, protocol) ? DEFAULT_TPID : protocol);
    }
    const added = COOKED_LEN + (tagged ? TAG_LEN : 0);
    const to = at - added;
    view.setUint16(to, tagged ? this.#tpid(header, status) : protocol);
    view.setUint16(to + 2, 0);
    view.setUint32(to + 4, view.getUint32(header + ADDRESS_INTERFACE, true));
    view.setUint16(to + 8, view.getUint16(header + ADDRESS_HARDWARE, true));
    const bytes = this.#bytes;
    bytes[to + 10] = bytes[header + ADDRESS_TYPE] as number;
    bytes[to + 11] = bytes[header + ADDRESS_LEN] as number;
    for (let index = 0; index < 8; index++) bytes[to + 12 + index] = bytes[header + ADDRESS_MAC + index] as number;
    return added;
  }

  /**
   * Whether a frame that the kernel took a tag off has another one left. Newer kernels name what follows all tags, and
   * then nothing tells but the tag itself: of an IPv4 packet it reads as a length of 2,048.
   */
  #startsWithTag(header: number, at: number, protocol: number): boolean {
    const view = this.#view;
    const len = view.getUint32(header + CAPTURED, true);
    for (let tag = 0; tag + TAG_LEN < len; tag += TAG_LEN) {
      const type = view.getUint16(at + tag + 2);
      if (type === protocol) {
        const mayBeIp = protocol === ETH_P_IP && (this.#bytes[at + tag] as number) >> 4 === 4;
        return !mayBeIp || view.getUint32(header + WIRE, true) < ETH_P_IP;
      }
      if (type !== DEFAULT_TPID) return false;
    }
    return false;
  }

  #tpid(header: number, status: number): number {
    return (status & TPID_VALID) !== 0 ? this.#view.getUint16(header + TPID, true) : DEFAULT_TPID;
  }
}

/** 32-bit words in the machine's order, as socket options take them. */
function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

/** A sockaddr_ll. */
function address(index: number, protocol: number): Uint8Array {
  const bytes = new Uint8Array(20);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, AF_PACKET, true);
  view.setUint16(2, protocol);
  view.setInt32(4, index, true);
  return bytes;
}
