/**
 * Frames that pairing lists as doubled or reordered, at one place.
 */
import type { FrameReference } from '../correlate/correlation.js';
import type { Facts } from './facts.js';
import { MAX_EVIDENCE } from './wording.js';

/** In the order of their numbers, each once, at most 100. */
export function framesAt(
  { pairings }: Facts,
  place: string,
  vni: number,
  what: 'duplicated' | 'reordered',
): FrameReference[] {
  const own = pairings
    .filter((row) => row.vni === vni)
    .flatMap(({ evidence }) => evidence[what].filter(({ tap }) => tap === place || place.startsWith(`${tap}%`)));
  const frames = [...new Set(own.map(({ frame }) => frame))].sort((a, b) => a - b);
  const tap = own[0]?.tap ?? place;
  return frames.slice(0, MAX_EVIDENCE).map((frame) => ({ tap, frame }));
}
