/**
 * Job J1: walk every frame to the inner layer 4, count frames and inner bytes per (VNI, outer source, outer
 * destination). Tunnels over IPv4; the counters show that the inner ports were reached.
 */
import { openCapture } from '../../dist/capture/file/open.js';
import { Dissector } from '../../dist/dissect/dissector.js';
import { KeyTable } from '../../dist/inventory/key-table.js';
import { LayerKind } from '../../dist/wire/stack.js';

/** Frames and inner bytes of each tunnel, two to a row. */
const table = new KeyTable(1 << 17);
const sums = new Float64Array(1 << 18);
/** The tunnels of a batch, frame by frame. */
const vnis = new Int32Array(4096);
const sources = new Int32Array(4096);
const destinations = new Int32Array(4096);
const lens = new Int32Array(4096);
const result = { frames: 0, bytes: 0, vxlan: 0, tcp: 0, udp: 0, icmp: 0, arp: 0, portSum: 0 };

function run(batch, dissector) {
  const { bytes, at, capturedLen, wireLen, linkType } = batch;
  const stack = dissector.stack;
  const { kinds, ats } = stack;
  let batchBytes = 0;
  let tunnels = 0;
  let ports = 0;
  for (let i = 0; i < batch.count; i++) {
    const len = capturedLen[i];
    batchBytes += len;
    dissector.dissect(bytes, at[i], len, wireLen[i], linkType[i]);
    const tunnel = stack.tunnelIndex;
    if (tunnel < 2 || kinds[tunnel] !== LayerKind.Vxlan || kinds[tunnel - 2] !== LayerKind.Ipv4) continue;
    const header = ats[tunnel];
    if ((bytes[header] & 8) === 0) continue;
    const ip = ats[tunnel - 2];
    const view = stack.view;
    vnis[tunnels] = view.getUint32(header + 4) >>> 8;
    sources[tunnels] = view.getInt32(ip + 12);
    destinations[tunnels] = view.getInt32(ip + 16);
    lens[tunnels++] = stack.frameEnd - header - 8;
    const last = stack.depth - 1;
    const end = ats[last];
    switch (kinds[last]) {
      case LayerKind.Tcp:
        result.tcp++;
        ports += ((bytes[end] << 8) | bytes[end + 1]) + ((bytes[end + 2] << 8) | bytes[end + 3]);
        break;
      case LayerKind.Udp:
        result.udp++;
        ports += ((bytes[end] << 8) | bytes[end + 1]) + ((bytes[end + 2] << 8) | bytes[end + 3]);
        break;
      case LayerKind.Icmpv4:
        result.icmp++;
        ports += bytes[end];
        break;
      case LayerKind.Arp:
        result.arp++;
        break;
    }
  }
  result.frames += batch.count;
  result.bytes += batchBytes;
  // A loop of its own: look-ups wait for memory, and short iterations wait side by side.
  for (let i = 0; i < tunnels; i++) {
    const row = table.row(vnis[i], sources[i], destinations[i], 0) << 1;
    sums[row] += 1;
    sums[row + 1] += lens[i];
  }
  result.vxlan += tunnels;
  result.portSum += ports;
}

/** One number that differs where any counter does. */
function checkSum() {
  let sum = 0;
  for (let row = 0; row < table.size; row++) {
    const key = (Math.imul(table.word(row, 0), 31) + Math.imul(table.word(row, 1), 7) + table.word(row, 2)) | 0;
    sum = (sum + Math.imul(key, sums[row * 2]) + (sums[row * 2 + 1] | 0)) | 0;
  }
  return sum >>> 0;
}

/** Runs J1 over one capture. */
export async function j1(path) {
  const dissector = new Dissector();
  for await (const batch of await openCapture(path)) run(batch, dissector);
  return { ...result, tunnels: table.size, check: checkSum() };
}
