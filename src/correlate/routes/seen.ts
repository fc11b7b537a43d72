/**
 * Where and when a frame was seen, as reports list it.
 */
import type { Sightings } from '../trails/sightings.js';

/** A frame at an endpoint. */
export interface Seen {
  readonly endpoint: number;
  /** Its number in its capture, from 1. */
  readonly frame: number;
  /** By the clock that all are compared by, ns. */
  readonly timeNs: number;
}

/** A sighting for a list, which outlives it. **Cost** allocates. */
export function asSeen(sightings: Sightings, at: number): Seen {
  return { endpoint: sightings.endpoint(at), frame: sightings.frame(at), timeNs: sightings.timeNs(at) };
}
