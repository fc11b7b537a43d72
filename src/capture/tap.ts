/**
 * What a tap is called: `[[HOST:]TAP=]PATH` on the command line, else the file's stem.
 */
import { basename } from 'node:path';
import type { FileSource } from './source.js';

/** A place where frames were captured. */
export interface Tap {
  /** Unique among the taps of a run. */
  readonly name: string;
  /** The host that it sits on, where a name tells; null otherwise. */
  readonly host: string | null;
  /** The role that the file's name, or an option, claims; null otherwise. */
  readonly namedRole: 'overlay' | 'underlay' | 'mixed' | null;
  /** The file; `-` is standard input. */
  readonly path: string;
}

/** A tap whose capture is open. */
export interface OpenTap extends Tap {
  readonly source: FileSource;
}

/**
 * Names the taps of a run.
 *
 * @param texts `[[HOST:]TAP=]PATH` each
 * @param exists whether a file of this path exists: one that does is never taken for a name and a path
 * @returns a tap for each, in the same order; equal names get `#2`, `#3`, …
 */
export function nameTaps(texts: readonly string[], exists: (path: string) => boolean): Tap[] {
  const uses = new Map<string, number>();
  return texts.map((text) => {
    const tap = parseTap(text, exists);
    const use = (uses.get(tap.name) ?? 0) + 1;
    uses.set(tap.name, use);
    return use === 1 ? tap : { ...tap, name: `${tap.name}#${use}` };
  });
}

function parseTap(text: string, exists: (path: string) => boolean): Tap {
  const equals = text.indexOf('=');
  const prefix = text.slice(0, Math.max(equals, 0));
  if (prefix === '' || prefix.includes('/') || exists(text)) return fromStem(text);
  const colon = prefix.indexOf(':');
  const unnamed = fromStem(text.slice(equals + 1));
  return {
    ...unnamed,
    name: prefix.slice(colon + 1) || unnamed.name,
    host: colon > 0 ? prefix.slice(0, colon) : unnamed.host,
  };
}

function fromStem(path: string): Tap {
  const stem = path === '-' ? 'stdin' : stemOf(path);
  const sided = /^(.+)_(overlay|underlay)$/.exec(stem);
  return {
    name: stem,
    host: sided?.[1] ?? null,
    namedRole: (sided?.[2] as 'overlay' | 'underlay' | undefined) ?? null,
    path,
  };
}

function stemOf(path: string): string {
  const name = basename(path);
  const stem = name.replace(/\.(gz|zst)$/, '').replace(/\.(pcap|pcapng|cap)$/, '');
  return stem === '' ? name : stem;
}
