/**
 * Frames that pairing, or the hops to a place, list as doubled or reordered there.
 */
import type { FrameReference } from '../correlate/report/correlation.js';
import { hopsOf, pairingsOf } from './by-vni.js';
import type { Facts } from './facts.js';
import { once } from './once.js';
import { MAX_EVIDENCE } from './wording.js';

type What = 'duplicated' | 'reordered';

/** In the order of their numbers, each once, at most 100. **Cost** looks once for all tunnels of a VNI. */
export function framesAt(facts: Facts, place: string, vni: number, what: What): readonly FrameReference[] {
  const key = `${what} ${vni} ${place}`;
  const frames = known(facts).get(key) ?? find(facts, place, vni, what);
  known(facts).set(key, frames);
  return frames;
}

const known = once((_: Facts) => new Map<string, readonly FrameReference[]>());

function find(facts: Facts, place: string, vni: number, what: What): FrameReference[] {
  const paired = pairingsOf(facts, vni).flatMap(({ evidence }) =>
    evidence[what].filter(({ tap }) => tap === place || place.startsWith(`${tap}%`)),
  );
  // Between underlay taps alone nothing is paired.
  const own =
    paired.length > 0
      ? paired
      : hopsOf(facts, vni)
          .filter((hop) => hop.to === place)
          .flatMap(({ evidence }) => evidence[what]);
  const frames = [...new Set(own.map(({ frame }) => frame))].sort((a, b) => a - b);
  const tap = own[0]?.tap ?? place;
  return frames.slice(0, MAX_EVIDENCE).map((frame) => ({ tap, frame }));
}
