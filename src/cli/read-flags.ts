/**
 * What the options of `vxdump read`, and of printing frames, come to.
 */
import type { TimeStyle } from '../report/time-column.js';
import type { OutputFlags } from './output-options.js';

/** What print options come to, by the names that commander gives them. */
export interface PrintFlags extends OutputFlags {
  readonly format: 'text' | 'ndjson' | 'json' | 'csv' | 'fields';
  /** The link-header switch; with `--format fields` the chosen fields. */
  readonly e?: true | string[];
  readonly V?: true;
  readonly reassemble?: true;
  readonly c?: number;
  readonly time?: string;
  readonly vxlanPort: number[];
}

/** Options of `read`. */
export interface ReadFlags extends PrintFlags {
  readonly r?: string;
  readonly count?: true;
  readonly follow?: true;
  readonly allowTruncated?: true;
}

/** Letters that count how often they stand on the line, as tcpdump's do. */
export type Repeats = Record<'t' | 'v' | 'x' | 'X', number>;

/** What `--time` takes: names, and tshark's letters. */
export const TIMES: Readonly<Record<string, TimeStyle>> = {
  clock: 'clock',
  none: 'none',
  epoch: 'epoch',
  delta: 'delta',
  date: 'date',
  'since-first': 'since-first',
  a: 'clock',
  ad: 'date',
  d: 'delta',
  e: 'epoch',
  r: 'since-first',
};
