/**
 * Tunnels: one direction between two VTEPs in one VNI, with what they carried.
 */
import { LAYER_NAMES } from '../wire/stack.js';
import { type Addresses, orderOf } from './addresses.js';
import { rowsInOrder } from './row-order.js';
import { STRIDE, type Traffic, Word } from './traffic.js';

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
  const { words } = traffic;
  const order = inOrder(traffic, addresses);
  let tunnel: Made | null = null;
  let last = 0;
  for (let place = 0; place < order.length; place++) {
    const row = order[place] as number;
    const at = row * STRIDE;
    if (tunnel === null || !isSame(words, at, last)) {
      const vniAndFamily = words[at + Word.VniAndFamily] as number;
      tunnel = {
        vni: vniAndFamily & 0xff_ffff,
        source: text(vniAndFamily >>> 24, words[at + Word.Source] as number),
        destination: text(vniAndFamily >>> 24, words[at + Word.Destination] as number),
        destinationPort: (words[at + Word.PortAndKind] as number) & 0xffff,
        frames: 0,
        bytes: 0,
        inner: {},
      };
      tunnels.push(tunnel);
    }
    last = at;
    const { inner } = tunnel;
    const name = LAYER_NAMES[(words[at + Word.PortAndKind] as number) >>> 16] as string;
    const frames = traffic.frames(row);
    tunnel.frames += frames;
    tunnel.bytes += traffic.bytes(row);
    inner[name] = (inner[name] ?? 0) + frames;
  }
  return tunnels;
}

function inOrder(traffic: Traffic, addresses: Addresses): Int32Array {
  const { rows, words } = traffic;
  const ipv6 = addresses.ipv6Ranks();
  const portsAndKinds = new Float64Array(rows);
  const destinations = new Float64Array(rows);
  const sources = new Float64Array(rows);
  const vnis = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const at = row * STRIDE;
    const kindAndPort = words[at + Word.PortAndKind] as number;
    portsAndKinds[row] = ((kindAndPort & 0xffff) << 8) | (kindAndPort >>> 16);
    const vniAndFamily = words[at + Word.VniAndFamily] as number;
    destinations[row] = orderOf(vniAndFamily >>> 24, words[at + Word.Destination] as number, ipv6);
    sources[row] = orderOf(vniAndFamily >>> 24, words[at + Word.Source] as number, ipv6);
    vnis[row] = vniAndFamily & 0xff_ffff;
  }
  return rowsInOrder(portsAndKinds, destinations, sources, vnis);
}

/** Whether two rows are of one tunnel. @param a where its words start @param b the other's */
function isSame(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a + Word.Destination] === words[b + Word.Destination] &&
    words[a + Word.Source] === words[b + Word.Source] &&
    words[a + Word.VniAndFamily] === words[b + Word.VniAndFamily] &&
    (((words[a + Word.PortAndKind] as number) ^ (words[b + Word.PortAndKind] as number)) & 0xffff) === 0
  );
}
