/**
 * Tunnels: one direction between two VTEPs in one VNI, with what they carried.
 */
import { LAYER_NAMES } from '../wire/stack.js';
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
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
  /** Frames by name of the inner frame's last layer. */
  readonly inner: Record<string, number>;
}

/** All tunnels, by VNI, source, destination, port. **Cost** allocates. */
export function listTunnels(traffic: Traffic, addresses: Addresses): Tunnel[] {
  const table = KeyTable.sized(traffic.rows);
  const rows: Row[] = [];
  traffic.forEach((word, frames, bytes) => {
    const vniAndFamily = word(Word.VniAndFamily);
    const source = word(Word.Source);
    const destination = word(Word.Destination);
    const port = word(Word.PortAndKind) & 0xffff;
    const name = LAYER_NAMES[word(Word.PortAndKind) >>> 16] as string;
    const number = table.row(vniAndFamily, source, destination, port);
    const row = rows[number] ?? {
      vni: vniAndFamily & 0xff_ffff,
      family: vniAndFamily >>> 24,
      source,
      destination,
      port,
      frames: 0,
      bytes: 0,
      inner: {},
    };
    rows[number] = row;
    row.frames += frames;
    row.bytes += bytes;
    row.inner[name] = (row.inner[name] ?? 0) + frames;
  });
  const text = addresses.texts();
  return rows
    .sort(
      (a, b) =>
        a.vni - b.vni ||
        addresses.compare(a.family, a.source, b.family, b.source) ||
        addresses.compare(a.family, a.destination, b.family, b.destination) ||
        a.port - b.port,
    )
    .map(({ vni, family, source, destination, port, frames, bytes, inner }) => ({
      vni,
      source: text(family, source),
      destination: text(family, destination),
      destinationPort: port,
      frames,
      bytes,
      inner: inOrder(inner),
    }));
}

/** By kind of layer, as everywhere. */
function inOrder(inner: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const names = Object.keys(inner);
  if (names.length < 2) return inner;
  const all: readonly string[] = LAYER_NAMES;
  const sorted = names.sort((a, b) => all.indexOf(a) - all.indexOf(b));
  return Object.fromEntries(sorted.map((name) => [name, inner[name] as number]));
}
