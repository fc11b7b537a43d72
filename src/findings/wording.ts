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

/** `1 frame`, `12 frames`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Frames of one tap, as evidence. */
export function framesOf(tap: string, frames: readonly number[]): FrameReference[] {
  return frames.map((frame) => ({ tap, frame }));
}
