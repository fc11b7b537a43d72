/**
 * Chooses a way to capture: the one that was named, or the first that works.
 */
import { VxdumpError } from '../../errors.js';
import { openChild } from './child.js';
import type { LiveOptions, LiveSource, SourceKind } from './live-source.js';
import { openRing } from './ring.js';

/** In the order in which `auto` tries them. */
export const SOURCE_KINDS: readonly SourceKind[] = ['ring', 'tcpdump', 'dumpcap', 'cap'];

/**
 * Opens a live source on one interface.
 *
 * @param kind how; `auto` takes the first way that works, and notes why those before it did not
 * @throws E_LIVE where none works, with the reasons; E_INTERFACE where there surely is no such interface; E_FILTER
 */
export async function openLive(name: string, kind: SourceKind | 'auto', options: LiveOptions): Promise<LiveSource> {
  if (kind !== 'auto') return openOne(name, kind, options);
  const reasons: string[] = [];
  for (const candidate of SOURCE_KINDS) {
    try {
      const source = await openOne(name, candidate, options);
      for (const reason of reasons) options.onNote(reason);
      return source;
    } catch (error) {
      if (!(error instanceof VxdumpError) || error.code !== 'E_LIVE') throw error;
      reasons.push(`${candidate}: ${error.message}`);
    }
  }
  throw new VxdumpError('E_LIVE', `cannot capture on ${name}: ${reasons.join('; ')}`);
}

function openOne(name: string, kind: SourceKind, options: LiveOptions): Promise<LiveSource> {
  return kind === 'ring' ? openRing(name, options) : openChild(kind, name, options);
}
