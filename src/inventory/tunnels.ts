/**
 * Tunnels: one direction between two VTEPs in one VNI, with what they carried.
 */
import { LAYER_NAMES } from '../wire/stack.js';
import type { Addresses } from './addresses.js';
import { RowOrder } from './row-order.js';
import { STRIDE, type Traffic, Word } from './traffic.js';
import type { Way, Ways } from './ways.js';

/** One tunnel. */
export interface Tunnel {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number;
  readonly frames: number;
  /** Bytes on the wire, outer headers included. */
  readonly bytes: number;
  /** Frames by what the inner frame is: the name of its last layer. */
  readonly inner: Readonly<Record<string, number>>;
}

interface Made extends Tunnel {
  frames: number;
  bytes: number;
  readonly inner: Record<string, number>;
}

/** All tunnels, by VNI, source, destination, port, and what is in them by kind of layer. **Cost** allocates. */
export function listTunnels(traffic: Traffic, addresses: Addresses, ways: Ways): Tunnel[] {
  const tunnels: Made[] = [];
  const { words } = traffic;
  const { rows } = new RowOrder(traffic, addresses, ways.order).by(Word.VniAndFamily, 0xff_ffff);
  let tunnel: Made | null = null;
  let lastWay: Way | null = null;
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] as number;
    const way = ways.at(row);
    const portAndKind = words[row * STRIDE + Word.PortAndKind] as number;
    const port = portAndKind & 0xffff;
    if (tunnel === null || way !== lastWay || port !== tunnel.destinationPort) {
      const { vni, source, destination } = way;
      tunnel = { vni, source, destination, destinationPort: port, frames: 0, bytes: 0, inner: {} };
      tunnels.push(tunnel);
      lastWay = way;
    }
    const { inner } = tunnel;
    const name = LAYER_NAMES[portAndKind >>> 16] as string;
    const frames = traffic.frames(row);
    tunnel.frames += frames;
    tunnel.bytes += traffic.bytes(row);
    inner[name] = (inner[name] ?? 0) + frames;
  }
  return tunnels;
}
