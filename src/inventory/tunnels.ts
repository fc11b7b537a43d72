/**
 * Tunnels: one direction between two VTEPs in one VNI, with what they carried.
 */
import { LAYER_NAMES } from '../wire/stack.js';
import { type Addresses, orderOf } from './addresses.js';
import { rowsInOrder } from './row-order.js';
import { type Traffic, Word } from './traffic.js';

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
export function listTunnels(traffic: Traffic, addresses: Addresses): Tunnel[] {
  const tunnels: Made[] = [];
  const text = addresses.texts();
  let tunnel: Made | null = null;
  let last = 0;
  for (const row of inOrder(traffic, addresses)) {
    if (tunnel === null || !isSame(traffic, row, last)) {
      const family = traffic.word(row, Word.VniAndFamily) >>> 24;
      tunnel = {
        vni: traffic.word(row, Word.VniAndFamily) & 0xff_ffff,
        source: text(family, traffic.word(row, Word.Source)),
        destination: text(family, traffic.word(row, Word.Destination)),
        destinationPort: traffic.word(row, Word.PortAndKind) & 0xffff,
        frames: 0,
        bytes: 0,
        inner: {},
      };
      tunnels.push(tunnel);
    }
    last = row;
    const { inner } = tunnel;
    const name = LAYER_NAMES[traffic.word(row, Word.PortAndKind) >>> 16] as string;
    const frames = traffic.frames(row);
    tunnel.frames += frames;
    tunnel.bytes += traffic.bytes(row);
    inner[name] = (inner[name] ?? 0) + frames;
  }
  return tunnels;
}

function inOrder(traffic: Traffic, addresses: Addresses): Int32Array {
  const { rows } = traffic;
  const ipv6 = addresses.ipv6Ranks();
  const portsAndKinds = new Float64Array(rows);
  const destinations = new Float64Array(rows);
  const sources = new Float64Array(rows);
  const vnis = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const kindAndPort = traffic.word(row, Word.PortAndKind);
    portsAndKinds[row] = ((kindAndPort & 0xffff) << 8) | (kindAndPort >>> 16);
    const vniAndFamily = traffic.word(row, Word.VniAndFamily);
    destinations[row] = orderOf(vniAndFamily >>> 24, traffic.word(row, Word.Destination), ipv6);
    sources[row] = orderOf(vniAndFamily >>> 24, traffic.word(row, Word.Source), ipv6);
    vnis[row] = vniAndFamily & 0xff_ffff;
  }
  return rowsInOrder(portsAndKinds, destinations, sources, vnis);
}

/** Whether two rows are of one tunnel. */
function isSame(traffic: Traffic, a: number, b: number): boolean {
  return (
    traffic.word(a, Word.Destination) === traffic.word(b, Word.Destination) &&
    traffic.word(a, Word.Source) === traffic.word(b, Word.Source) &&
    traffic.word(a, Word.VniAndFamily) === traffic.word(b, Word.VniAndFamily) &&
    ((traffic.word(a, Word.PortAndKind) ^ traffic.word(b, Word.PortAndKind)) & 0xffff) === 0
  );
}
