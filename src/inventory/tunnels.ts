/**
 * Tunnels: one direction between two VTEPs in one VNI, with what they carried.
 */
import { LAYER_NAMES } from '../wire/stack.js';
import type { Addresses } from './addresses.js';
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

interface Row {
  readonly vni: number;
  readonly family: number;
  readonly source: number;
  readonly destination: number;
  readonly port: number;
  frames: number;
  bytes: number;
  /** Frames by kind of the inner frame's last layer. */
  readonly kinds: number[];
}

/** All tunnels, by VNI, source, destination, port. **Cost** allocates. */
export function listTunnels(traffic: Traffic, addresses: Addresses): Tunnel[] {
  const rows = new Map<string, Row>();
  traffic.forEach((word, frames, bytes) => {
    const vni = word(Word.VniAndFamily) & 0xff_ffff;
    const family = word(Word.VniAndFamily) >>> 24;
    const source = word(Word.Source);
    const destination = word(Word.Destination);
    const port = word(Word.PortAndKind) & 0xffff;
    const kind = word(Word.PortAndKind) >>> 16;
    const key = [vni, family, source, destination, port].join();
    const row = rows.get(key) ?? { vni, family, source, destination, port, frames: 0, bytes: 0, kinds: [] };
    row.frames += frames;
    row.bytes += bytes;
    row.kinds[kind] = (row.kinds[kind] ?? 0) + frames;
    rows.set(key, row);
  });
  return [...rows.values()]
    .sort(
      (a, b) =>
        a.vni - b.vni ||
        addresses.compare(a.family, a.source, b.family, b.source) ||
        addresses.compare(a.family, a.destination, b.family, b.destination) ||
        a.port - b.port,
    )
    .map(({ vni, family, source, destination, port, frames, bytes, kinds }) => ({
      vni,
      source: addresses.text(family, source),
      destination: addresses.text(family, destination),
      destinationPort: port,
      frames,
      bytes,
      inner: byName(kinds),
    }));
}

function byName(kinds: readonly number[]): Record<string, number> {
  const inner: Record<string, number> = {};
  kinds.forEach((frames, kind) => {
    const name = LAYER_NAMES[kind] as string;
    inner[name] = (inner[name] ?? 0) + frames;
  });
  return inner;
}
