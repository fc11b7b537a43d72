/**
 * Words that several findings have in common.
 */
import type { FrameReference } from '../correlate/correlation.js';

/** The most frames that a finding lists. */
export const MAX_EVIDENCE = 100;

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}
/** The most things of a kind that a sentence names. */
const MAX_NAMED = 5;

/** `1 frame`, `12 frames`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Frames of one tap, as evidence. */
export function framesOf(tap: string, frames: readonly number[]): FrameReference[] {
  return frames.map((frame) => ({ tap, frame }));
}

/** `a, b, c`: the first five, and how many more there are. */
export function firstFew(things: readonly string[]): string {
  const more = things.length - MAX_NAMED;
  return things.slice(0, MAX_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** A time, in the unit that suits it. @param ns 0 and up */
export function duration(ns: number): string {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(1)} s`;
  return ns >= 1e6 ? `${(ns / 1e6).toFixed(1)} ms` : `${(ns / 1e3).toFixed(0)} µs`;
}
