/**
 * What live interfaces have shown so far, for people: a line on the interfaces, then the tables of an analysis.
 */
import { printable } from '../fields/text.js';
import { number } from '../findings/wording.js';
import { type Traffic, trafficText } from './analysis-text.js';
import { type Column, tableText } from './table.js';

/** One interface. */
export interface InterfaceRow {
  readonly tap: string;
  readonly role: string;
  readonly frames: number;
  readonly vxlanFrames: number;
  /** Bytes on the wire. */
  readonly bytes: number;
  /** Frames that the kernel had no room for; null where the source does not tell. */
  readonly dropped: number | null;
}

const COLUMNS: readonly Column[] = [
  { title: 'interface' },
  { title: 'role' },
  { title: 'frames', number: true },
  { title: 'VXLAN', number: true },
  { title: 'bytes', number: true },
  { title: 'dropped by kernel', number: true },
];

/** A snapshot as text, lines ended. **Cost** allocates. */
export function liveText(interfaces: readonly InterfaceRow[], traffic: Traffic, color: boolean): string {
  const rows = interfaces.map(({ tap, role, frames, vxlanFrames, bytes, dropped }) => [
    printable(tap),
    role,
    number(frames),
    number(vxlanFrames),
    number(bytes),
    dropped === null ? 'not known' : number(dropped),
  ]);
  const head = tableText('Interfaces', COLUMNS, rows, color);
  const rest = trafficText(traffic, color);
  return rest === '' ? head : `${head}\n${rest}`;
}
