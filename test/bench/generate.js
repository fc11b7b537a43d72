/**
 * Makes a VXLAN capture to measure on: classic pcap, always the same bytes for the same number of frames.
 *
 * 94 % VXLAN over 16 VNIs and 64 VTEPs, 10,000 inner flows of which few carry most, inner frames of 64–200 bytes (TCP,
 * UDP, ICMP, ARP, 2 % with an 802.1Q tag); the rest is what an underlay has besides: ARP, IPv6 ND, LLDP, plain IPv4.
 *
 * usage: node test/bench/generate.js FRAMES OUT.pcap
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const FLOWS = 10_000;
const VNIS = 16;
const VTEPS = 64;
const TENANT_HOSTS = 250;
const UNDERLAY_PERCENT = 6;
const CHUNK = 1 << 20;
const MAX_RECORD = 512;

/** xorshift32: small, and the same on every machine. */
let state = 0x2545f491;
function random(limit) {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return Math.floor(((state >>> 0) / 0x1_0000_0000) * limit);
}

const out = new Uint8Array(CHUNK + MAX_RECORD);
const payload = new Uint8Array(4096);
let outerIdentification = 0;

function put16(at, value) {
  out[at] = value >>> 8;
  out[at + 1] = value;
}

function put32(at, value) {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}

function put32le(at, value) {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}

/** One's complement sum of `len` bytes on top of `sum` (RFC 1071). */
function add16(at, len, sum) {
  let total = sum;
  for (let i = 0; i < len - 1; i += 2) total += (out[at + i] << 8) | out[at + i + 1];
  if (len % 2 === 1) total += out[at + len - 1] << 8;
  return total;
}

function fold(sum) {
  let folded = sum;
  while (folded > 0xffff) folded = (folded & 0xffff) + (folded >>> 16);
  return ~folded & 0xffff;
}

function ipv4(at, totalLen, identification, ttl, protocol, source, destination) {
  put16(at, 0x4500);
  put16(at + 2, totalLen);
  put16(at + 4, identification);
  put16(at + 6, 0x4000);
  out[at + 8] = ttl;
  out[at + 9] = protocol;
  put16(at + 10, 0);
  put32(at + 12, source);
  put32(at + 16, destination);
  put16(at + 10, fold(add16(at, 20, 0)));
}

function arpRequest(at, hardwareAt, sender, target) {
  put16(at, 1);
  put16(at + 2, 0x0800);
  put16(at + 4, 0x0604);
  put16(at + 6, 1);
  out.copyWithin(at + 8, hardwareAt, hardwareAt + 6);
  put32(at + 14, sender);
  out.fill(0, at + 18, at + 24);
  put32(at + 24, target);
  out.fill(0, at + 28, at + 46);
}

/** An inner host: its MAC follows from its address. */
function hostMac(at, address) {
  put16(at, 0x5254);
  put32(at + 2, address & 0xffffff);
}

function vtepMac(at, vtep) {
  put16(at, 0x0200);
  put32(at + 2, vtep);
}

const vtepAddress = (vtep) => (0x0a00_0000 | ((vtep >> 3) << 16) | (1 + (vtep & 7) * 10)) >>> 0;
const hostAddress = () => 0xc0a8_0001 + random(TENANT_HOSTS);

function otherThan(value, draw) {
  let other = draw();
  while (other === value) other = draw();
  return other;
}

function makeFlow() {
  const sourceVtep = random(VTEPS);
  const source = hostAddress();
  const share = random(100);
  return {
    vni: 5000 + random(VNIS) * 101,
    sourceVtep,
    destinationVtep: otherThan(sourceVtep, () => random(VTEPS)),
    source,
    destination: otherThan(source, hostAddress),
    // Ports that wake no dissector of a layer above, so that other tools can be measured on the same file.
    sourcePort: 32_770 + random(9000) * 3,
    destinationPort: 24_000 + random(800) * 3,
    protocol: share < 57 ? 6 : share < 92 ? 17 : share < 98 ? 1 : 0,
    tagged: random(100) < 2,
    sequence: random(0x1_0000_0000),
    identification: random(0x1_0000),
    entropy: 49_152 + random(16_384),
  };
}

/** The inner frame. @returns its length, bytes. */
function inner(at, flow, wanted) {
  hostMac(at, flow.destination);
  hostMac(at + 6, flow.source);
  if (flow.protocol === 0) {
    out.fill(0xff, at, at + 6);
    put16(at + 12, 0x0806);
    arpRequest(at + 14, at + 6, flow.source, flow.destination);
    return 60;
  }
  let ip = at + 14;
  if (flow.tagged) {
    put16(at + 12, 0x8100);
    put16(at + 14, 100 + (flow.vni & 7));
    ip += 4;
  }
  put16(ip - 2, 0x0800);
  const ipLen = wanted - (ip - at);
  flow.identification = (flow.identification + 1) & 0xffff;
  ipv4(ip, ipLen, flow.identification, 64, flow.protocol, flow.source, flow.destination);
  const transport = ip + 20;
  const len = ipLen - 20;
  let pseudo = add16(ip + 12, 8, flow.protocol + len);
  let checksumAt = 6;
  let headerLen = 8;
  if (flow.protocol === 6) {
    put16(transport, flow.sourcePort);
    put16(transport + 2, flow.destinationPort);
    put32(transport + 4, flow.sequence);
    put32(transport + 8, 0x0123_4567);
    put32(transport + 12, 0x5018_01f5);
    checksumAt = 16;
    headerLen = 20;
    put32(transport + 16, 0);
    flow.sequence += len - headerLen;
  } else if (flow.protocol === 17) {
    put16(transport, flow.sourcePort);
    put16(transport + 2, flow.destinationPort);
    put16(transport + 4, len);
    put16(transport + 6, 0);
  } else {
    put32(transport, 0x0800_0000);
    put16(transport + 4, flow.sourcePort);
    put16(transport + 6, flow.sequence++);
    checksumAt = 2;
    pseudo = 0;
  }
  const from = random(2048);
  out.set(payload.subarray(from, from + len - headerLen), transport + headerLen);
  put16(transport + checksumAt, fold(add16(transport, len, pseudo)));
  return wanted;
}

/** An overlay frame in its tunnel. @returns its length, bytes. */
function encapsulated(at, flow) {
  const innerLen = inner(at + 50, flow, 64 + random(137));
  vtepMac(at, flow.destinationVtep);
  vtepMac(at + 6, flow.sourceVtep);
  put16(at + 12, 0x0800);
  outerIdentification = (outerIdentification + 1) & 0xffff;
  const source = vtepAddress(flow.sourceVtep);
  ipv4(at + 14, 36 + innerLen, outerIdentification, 63, 17, source, vtepAddress(flow.destinationVtep));
  put16(at + 34, flow.entropy);
  put16(at + 36, 4789);
  put16(at + 38, 16 + innerLen);
  put16(at + 40, 0);
  put32(at + 42, 0x0800_0000);
  put32(at + 46, flow.vni << 8);
  return 50 + innerLen;
}

/** What else an underlay carries. @returns its length, bytes. */
function underlay(at) {
  const source = random(VTEPS);
  const destination = random(VTEPS);
  vtepMac(at, destination);
  vtepMac(at + 6, source);
  const share = random(100);
  if (share < 40) {
    out.fill(0xff, at, at + 6);
    put16(at + 12, 0x0806);
    arpRequest(at + 14, at + 6, vtepAddress(source), vtepAddress(destination));
    return 60;
  }
  if (share < 50) {
    put16(at + 12, 0x86dd);
    out.fill(0, at + 14, at + 78);
    put32(at + 14, 0x6000_0000);
    put16(at + 18, 24);
    put16(at + 20, 0x3aff);
    put32(at + 22, 0xfe80_0000);
    out[at + 37] = source;
    put32(at + 38, 0xfe80_0000);
    out[at + 53] = destination;
    out[at + 54] = 135;
    return 78;
  }
  if (share < 58) {
    put16(at + 12, 0x88cc);
    out.fill(0, at + 14, at + 94);
    return 94;
  }
  const len = 28 + random(100);
  const protocol = share < 72 ? 1 : share < 86 ? 6 : 17;
  put16(at + 12, 0x0800);
  outerIdentification = (outerIdentification + 1) & 0xffff;
  ipv4(at + 14, 20 + len, outerIdentification, 64, protocol, vtepAddress(source), vtepAddress(destination));
  const transport = at + 34;
  const from = random(2048);
  out.set(payload.subarray(from, from + len), transport);
  if (protocol === 1) {
    put32(transport, 0x0800_0000);
    put16(transport + 2, fold(add16(transport, len, 0)));
  } else {
    put16(transport, 24_179);
    put16(transport + 2, 40_000 + source);
    if (protocol === 6) put16(transport + 12, 0x5018);
    else put32(transport + 4, len << 16);
  }
  return 34 + len;
}

/** Half of the frames are of any flow, a third of 500 busy ones, the rest of 40. */
function pick(flows) {
  const share = random(100);
  return flows[random(share < 50 ? FLOWS : share < 85 ? 500 : 40)];
}

/**
 * Writes a capture of `frames` frames to `path`.
 *
 * @param {number} frames how many, 0 or more
 * @param {string} path the file to make or overwrite
 */
export function generate(frames, path) {
  state = 0x2545f491;
  outerIdentification = 0;
  for (let i = 0; i < payload.length; i++) payload[i] = i & 0x80 ? random(256) : 0x20 + (i % 61);
  const flows = Array.from({ length: FLOWS }, makeFlow);
  const file = openSync(path, 'w');
  try {
    put32le(0, 0xa1b2c3d4);
    put32le(4, 0x0004_0002);
    put32le(8, 0);
    put32le(12, 0);
    put32le(16, 262_144);
    put32le(20, 1);
    let at = 24;
    let seconds = 1_700_000_000;
    let microseconds = 0;
    for (let i = 0; i < frames; i++) {
      microseconds += random(4);
      if (microseconds >= 1_000_000) {
        microseconds -= 1_000_000;
        seconds++;
      }
      const len = random(100) < UNDERLAY_PERCENT ? underlay(at + 16) : encapsulated(at + 16, pick(flows));
      put32le(at, seconds);
      put32le(at + 4, microseconds);
      put32le(at + 8, len);
      put32le(at + 12, len);
      at += 16 + len;
      if (at >= CHUNK) {
        writeAll(file, at);
        at = 0;
      }
    }
    writeAll(file, at);
  } finally {
    closeSync(file);
  }
}

function writeAll(file, len) {
  for (let at = 0; at < len; ) at += writeSync(file, out, at, len - at);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [frames, path] = process.argv.slice(2);
  generate(Number(frames), path);
}
