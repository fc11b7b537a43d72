/**
 * Words that several findings have in common.
 */
import type { FrameReference } from '../correlate/correlation.js';

/** `1 frame`, `12 frames`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Frames of one tap, as evidence. */
export function framesOf(tap: string, frames: readonly number[]): FrameReference[] {
  return frames.map((frame) => ({ tap, frame }));
}
