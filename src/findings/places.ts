/**
 * Places on the way of a frame: a tap, or one of its interfaces and directions.
 */
import type { Facts, TapFacts } from './facts.js';

/** The tap of a place: `eth0`, `any%2 out`. */
export function tapAt({ taps }: Facts, place: string): TapFacts | undefined {
  return taps.find(({ name }) => name === place) ?? taps.find(({ name }) => place.startsWith(`${name}%`));
}

/** Whether a place is a tap that sees bare frames alone. */
export function isOverlay(facts: Facts, place: string): boolean {
  return tapAt(facts, place)?.role === 'overlay';
}
