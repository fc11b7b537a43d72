/**
 * Fails on gross regressions of the walk: heap that grows with the frames, or a frame that costs several times what it
 * should beside a calibration loop on the same machine. usage: npm run bench:check
 */
import { Dissector } from '../../dist/index.js';

const FRAMES = 1_000_000;
const SLICES = 20;
/** Bytes that the heap may grow by, a frame. */
const HEAP_LIMIT = 1;
/** How many rounds of the calibration loop a frame may cost: five times what was measured when this was written. */
const COST_LIMIT = 5 * 6;
const ROUNDS = 7;

/** Eight layers, 148 bytes: Ethernet, IPv4, UDP, VXLAN, Ethernet, 802.1Q, IPv4, TCP. */
const FRAME = Uint8Array.from(
  Buffer.from(
    '020000000002020000000001' +
      '0800' +
      '450000860001400040110000' +
      '0a0000010a010001' +
      'c00012b500720000' +
      '0800000000138800' +
      '525400000002525400000001' +
      '81000064' +
      '0800' +
      '450000500001400040060000' +
      'c0a80001c0a80002' +
      '800252080000000100000001501801f500000000' +
      '00'.repeat(40),
    'hex',
  ),
);

/** Frames at ever different places, as in a file. */
const COUNT = 1000;
const GAP = 16;
const bytes = new Uint8Array(COUNT * (FRAME.length + GAP));
for (let i = 0; i < COUNT; i++) bytes.set(FRAME, i * (FRAME.length + GAP) + GAP);

const dissector = new Dissector();

/** Dissects `frames` frames. @returns how many layers they had */
function walk(frames) {
  let layers = 0;
  for (let i = 0, at = GAP; i < frames; i++) {
    layers += dissector.dissect(bytes, at, FRAME.length, FRAME.length, 1).depth;
    at += FRAME.length + GAP;
    if (at >= bytes.length) at = GAP;
  }
  return layers;
}

/** As many rounds of summing 32 bytes: bounds-checked loads, as a walk has. */
function calibrate(rounds) {
  let sum = 0;
  for (let i = 0, at = GAP; i < rounds; i++) {
    for (let j = 0; j < 32; j++) sum = (sum + bytes[at + j]) | 0;
    at += FRAME.length + GAP;
    if (at >= bytes.length) at = GAP;
  }
  return sum;
}

/** Nanoseconds of CPU each, the best of some rounds. */
function costNs(work) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    work(FRAMES);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, ((user + system) * 1000) / FRAMES);
  }
  return least;
}

/** Bytes of heap taken per frame. A collection in between shrinks the heap: only what grew counts. */
function heapGrowth() {
  let grown = 0;
  for (let slice = 0; slice < SLICES; slice++) {
    const before = process.memoryUsage().heapUsed;
    walk(FRAMES / SLICES);
    grown += Math.max(0, process.memoryUsage().heapUsed - before);
  }
  return grown / FRAMES;
}

const layers = walk(1);
if (layers !== 8) throw new Error(`the frame has 8 layers, the walk found ${layers}`);
const calibrationNs = costNs(calibrate);
const frameNs = costNs(walk);
const growth = heapGrowth();
const cost = frameNs / calibrationNs;
console.log(
  `walk: ${frameNs.toFixed(1)} ns a frame, ${cost.toFixed(2)} x calibration (${calibrationNs.toFixed(1)} ns); limit ${COST_LIMIT}`,
);
console.log(`heap: ${growth.toFixed(3)} bytes a frame; limit ${HEAP_LIMIT}`);
if (cost > COST_LIMIT || growth >= HEAP_LIMIT) {
  console.error('bench:check failed: the walk got slower, or allocates');
  process.exitCode = 1;
}
