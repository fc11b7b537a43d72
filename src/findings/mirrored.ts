/**
 * Which taps a mirror feeds twice: what comes twice, or late, there says nothing of the network.
 */
import type { Facts, TapFacts } from './facts.js';
import { tapAt } from './places.js';

/** With fewer frames nothing can be said of nearly every one. */
const LEAST_FRAMES = 8;
/** Of all frames, those that must be one of two. */
const LEAST_SHARE = 0.9;

/** Whether a tap sees nearly every frame twice: its copies prove nothing about the network. */
export function isMirrored({ frames, evidence: { repeats } }: TapFacts): boolean {
  return frames >= LEAST_FRAMES && repeats.second.count * 2 >= frames * LEAST_SHARE;
}

/** Whether a tap among these places sees everything twice: as `isMirrored`. */
export function areMirrored(facts: Facts, ...places: readonly string[]): boolean {
  return places.some((place) => {
    const tap = tapAt(facts, place);
    return tap !== undefined && isMirrored(tap);
  });
}
