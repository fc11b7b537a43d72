/**
 * Words that several findings have in common.
 */
import type { FrameReference } from '../correlate/report/correlation.js';

/** The most frames that a finding lists. */
export const MAX_EVIDENCE = 100;
/** The most things of a kind that a sentence names. */
const MAX_NAMED = 5;

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

/** `1,200`. `toLocaleString` would take ten milliseconds to get going. */
export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 frame`, `1,200 frames`. */
export function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** `1 of 24 frames`. */
export function outOf(part: number, whole: number): string {
  return `${number(part)} of ${plural(whole, 'frame')}`;
}

/** The word for one, or the one for several. */
export function agree(count: number, one: string, several: string): string {
  return count === 1 ? one : several;
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

/** A share of a whole: `22 %`, below ten with a digit more. @param part 0..whole */
export function percent(part: number, whole: number): string {
  const share = whole === 0 ? 0 : (part / whole) * 100;
  return `${Number(share.toFixed(share < 10 ? 1 : 0))} %`;
}

/** A duration in the unit that suits it. @param ns any sign */
export function duration(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e6) return `${Number((ns / 1e3).toFixed(1))} µs`;
  return size < 1e9 ? `${Number((ns / 1e6).toFixed(2))} ms` : `${Number((ns / 1e9).toFixed(3))} s`;
}
