/**
 * Job J1: walk every frame to the inner layer 4, count frames and inner bytes per (VNI, outer source, outer
 * destination). Tunnels over IPv4; the counters show that the inner ports were reached.
 */
import { Dissector, LayerKind, openCapture } from '../../dist/reader.js';

// Constants of this module, which the engine compiles in; an import, or a parameter, is read and checked at each use.
const { Arp, Icmpv4, Ipv4, Tcp, Udp, Vxlan } = LayerKind;
const dissector = new Dissector();
const { stack } = dissector;
const { kinds, ats } = stack;

/**
 * An open-addressing table, 32 bytes a slot: VNI + 1 (0: free), source, destination, frames; then bytes, a double. It
 * grows with the tunnels: what fits the caches is quick.
 */
let slots = 1 << 15;
let keys = emptySlots();
let innerBytes = new Float64Array(keys.buffer);

/** WebAssembly's memory starts a page: no slot lies in two cache lines. */
function emptySlots() {
  return new Int32Array(new WebAssembly.Memory({ initial: (slots * 32) / 65_536 }).buffer);
}

function grow() {
  const before = keys;
  slots *= 2;
  keys = emptySlots();
  innerBytes = new Float64Array(keys.buffer);
  for (let from = 0; from < before.length; from += 8) {
    if (before[from] === 0) continue;
    let slot = hashOf(before[from] - 1, before[from + 1], before[from + 2]) & (slots - 1);
    while (keys[slot << 3] !== 0) slot = (slot + 1) & (slots - 1);
    keys.set(before.subarray(from, from + 8), slot << 3);
  }
}

function hashOf(vni, source, destination) {
  const hash = Math.imul(vni, 0x9e3779b1) ^ Math.imul(source, 0x85ebca6b) ^ Math.imul(destination, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}

/** The tunnels of a batch, frame by frame, and their slots. */
const vnis = new Int32Array(4096);
const sources = new Int32Array(4096);
const destinations = new Int32Array(4096);
const lens = new Int32Array(4096);
const slotsOf = new Int32Array(4096);
const NAMES = ['frames', 'bytes', 'vxlan', 'tunnels', 'portSum'];
/** Doubles from the start: a sum that outgrows an integer would make the engine compile anew. */
const totals = new Float64Array(NAMES.length + 1);
const TUNNELS = 3;
/** Frames in tunnels by the kind of their last layer: a branch for each kind would be mispredicted, TCP and UDP take turns. */
const innermost = new Float64Array(32);

/**
 * Counts a batch's tunnels. Look-ups wait for memory: asked for beforehand, in a loop of nothing else, the slots come
 * side by side.
 */
function count(tunnels) {
  while ((totals[TUNNELS] + tunnels) * 2 > slots) grow();
  const table = keys;
  const bytes = innerBytes;
  const mask = slots - 1;
  let touched = 0;
  for (let i = 0; i < tunnels; i++) {
    const slot = hashOf(vnis[i], sources[i], destinations[i]) & mask;
    slotsOf[i] = slot;
    touched |= table[slot << 3];
  }
  totals[NAMES.length] = touched;
  for (let i = 0; i < tunnels; i++) {
    const vni = vnis[i];
    const source = sources[i];
    const destination = destinations[i];
    for (let slot = slotsOf[i]; ; slot = (slot + 1) & mask) {
      const at = slot << 3;
      const tag = table[at];
      if (tag === 0) {
        totals[TUNNELS]++;
        table[at] = vni + 1;
        table[at + 1] = source;
        table[at + 2] = destination;
      } else if (tag !== vni + 1 || table[at + 1] !== source || table[at + 2] !== destination) {
        continue;
      }
      table[at + 3]++;
      bytes[(slot << 2) + 2] += lens[i];
      break;
    }
  }
}

function run(batch) {
  const { bytes, at, capturedLen, wireLen, linkType } = batch;
  let batchBytes = 0;
  let vxlan = 0;
  let ports = 0;
  for (let i = 0; i < batch.count; i++) {
    const len = capturedLen[i];
    batchBytes += len;
    dissector.dissect(bytes, at[i], len, wireLen[i], linkType[i]);
    const tunnel = stack.tunnelIndex;
    if (tunnel < 2 || kinds[tunnel] !== Vxlan || kinds[tunnel - 2] !== Ipv4) continue;
    const view = stack.view;
    const header = ats[tunnel];
    if ((view.getUint8(header) & 8) === 0) continue;
    const ip = ats[tunnel - 2];
    vnis[vxlan] = view.getInt32(header + 4) >>> 8;
    sources[vxlan] = view.getInt32(ip + 12);
    destinations[vxlan] = view.getInt32(ip + 16);
    lens[vxlan++] = stack.frameEnd - header - 8;
    const last = stack.depth - 1;
    const kind = kinds[last];
    innermost[kind]++;
    if (kind === Tcp || kind === Udp) {
      const both = view.getInt32(ats[last]);
      ports += (both >>> 16) + (both & 0xffff);
    } else if (kind === Icmpv4) {
      ports += view.getUint8(ats[last]);
    }
  }
  count(vxlan);
  const counts = [batch.count, batchBytes, vxlan, 0, ports];
  for (let i = 0; i < counts.length; i++) totals[i] += counts[i];
}

/** One number that differs where any counter does. */
function checkSum() {
  let sum = 0;
  for (let slot = 0; slot < slots; slot++) {
    const at = slot << 3;
    if (keys[at] === 0) continue;
    const key = (Math.imul(keys[at] - 1, 31) + Math.imul(keys[at + 1], 7) + keys[at + 2]) | 0;
    sum = (sum + Math.imul(key, keys[at + 3]) + (innerBytes[(slot << 2) + 2] | 0)) | 0;
  }
  return sum >>> 0;
}

/** Runs J1 over one capture. */
export async function j1(path) {
  for await (const batch of await openCapture(path)) run(batch);
  const result = Object.fromEntries(NAMES.map((name, index) => [name, totals[index]]));
  const { [Tcp]: tcp, [Udp]: udp, [Icmpv4]: icmp, [Arp]: arp } = innermost;
  return { ...result, tcp, udp, icmp, arp, check: checkSum() };
}
