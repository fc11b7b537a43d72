/**
 * Routes: the way that frames take from tap to tap, tunnel by tunnel, and the hop at which some of them vanish. A tap
 * that saw frames from one MAC to another in a tunnel is on the way of all of them.
 */
import { KeyTable } from '../inventory/key-table.js';
import { Acknowledgements } from './acknowledgements.js';
import type { Flows } from './flows.js';
import { addListed, Hop, type LastSeen } from './hop.js';
import { LatencyTable } from './latency.js';
import { Direction } from './overlay-side.js';
import { Path, type PathParts } from './path.js';
import type { Presence } from './presence.js';
import type { SightingList } from './sighting-list.js';
import { Mark, type Sightings } from './sightings.js';
import { MAX_LISTED } from './tap-pair.js';

const MAX_HOPS = 65_536;
const MAX_MAC_PAIRS = 65_536;
const MAX_PATTERNS = 131_072;
/** Endpoints that are bits of one integer: frames are not missed at later ones. */
const MAX_BITS = 31;
/** What `ofMacs` has of a pair of MACs. */
const STRIDE = 3;
const SEEN = 0;
const SEEN_LAST = 1;
const PATTERN = 2;

/** Frames between two MACs that were seen at the same endpoints. */
interface Pattern {
  readonly seen: number;
  readonly count: number;
  /** Only of frames that were not seen everywhere, the first 1,000. */
  readonly last: readonly LastSeen[];
}

/** What routes are found from. */
export interface RouteParts extends PathParts {
  readonly flows: Flows;
  readonly presences: readonly Presence[];
  /** Told the sightings of a frame in the order of its way, one tunnel at a time. */
  readonly onPath: ((tunnel: number, path: Uint32Array, sightings: Sightings) => void) | null;
}

/** Follows trails. */
export class Routes {
  readonly #parts: RouteParts;
  readonly #sightings: Sightings;
  readonly #acknowledgements: Acknowledgements;
  readonly #hopTable: KeyTable;
  readonly #hops: Hop[];
  /** By hop. */
  readonly #latencies: LatencyTable;
  /** Two MACs in a tunnel. */
  readonly #macPairs: KeyTable;
  /** By pair of MACs: endpoints that saw any of its frames, those of the last one, and that one's pattern. */
  readonly #ofMacs: Int32Array;
  readonly #patternTable: KeyTable;
  /** By pattern. */
  readonly #counts: Float64Array;
  readonly #last: (LastSeen[] | undefined)[];
  readonly #path: Path;
  readonly #twinPath: Path;

  constructor(parts: RouteParts) {
    this.#parts = parts;
    this.#sightings = parts.trails.sightings;
    this.#acknowledgements = new Acknowledgements(parts.trails);
    this.#hopTable = new KeyTable(MAX_HOPS);
    this.#hops = [];
    this.#latencies = new LatencyTable();
    this.#macPairs = new KeyTable(MAX_MAC_PAIRS);
    this.#ofMacs = new Int32Array(MAX_MAC_PAIRS * STRIDE);
    this.#patternTable = new KeyTable(MAX_PATTERNS);
    this.#counts = new Float64Array(MAX_PATTERNS);
    this.#last = [];
    this.#path = new Path(parts);
    this.#twinPath = new Path(parts);
  }

  /**
   * Follows a trail that is settled.
   *
   * @param list its sightings
   * @param twin those of a trail that it looks like a copy of; null without
   *
   * **Cost** amortised no allocation.
   */
  add(trail: number, list: SightingList, twin: SightingList | null): void {
    let inTunnel = false;
    for (let index = 0; index < list.count; index++) {
      const tunnel = list.tunnel(index);
      if (tunnel < 0) continue;
      inTunnel = true;
      if (!list.hasBefore(index, tunnel)) this.#follow(trail, list, tunnel, twin);
    }
    if (!inTunnel) this.#follow(trail, list, -1, twin);
  }

  /**
   * Follows a frame that two endpoints saw, and no other one did: what most frames are.
   *
   * @param from the sighting that comes first on its way
   * @param flow its flow; -1 where that has no number
   *
   * **Cost** amortised no allocation.
   */
  addPassed(trail: number, from: number, to: number, tunnel: number, flow: number): void {
    const sightings = this.#sightings;
    const { flows } = this.#parts;
    let hop = flow < 0 ? -1 : flows.hop(flow);
    if (hop >= 0) {
      flows.pass(flow);
    } else {
      const [a, b] = [sightings.endpoint(from), sightings.endpoint(to)];
      hop = this.#hop(tunnel, a, b);
      const macs = this.#macPair(trail, tunnel);
      const pattern = macs < 0 ? -1 : this.#see(macs, bitOf(a) | bitOf(b));
      if (pattern >= 0) this.#counts[pattern] = (this.#counts[pattern] as number) + 1;
      if (flow >= 0 && hop >= 0 && pattern >= 0) flows.lead(flow, hop, pattern);
    }
    if (hop >= 0) this.#pass(hop, from, to);
  }

  #follow(trail: number, list: SightingList, tunnel: number, twin: SightingList | null): void {
    const sightings = this.#sightings;
    const path = this.#path;
    path.order(trail, list, tunnel);
    if (path.count === 0) return;
    if (twin !== null && this.#isCopy(path, trail, twin, tunnel)) return;
    let seen = 0;
    for (let index = 0; index < path.count; index++) {
      const at = path.at[index] as number;
      seen |= bitOf(sightings.endpoint(at));
      if (index === 0) continue;
      const before = path.at[index - 1] as number;
      const hop = this.#hop(tunnel, sightings.endpoint(before), sightings.endpoint(at));
      if (hop >= 0) this.#pass(hop, before, at);
    }
    if (tunnel >= 0) this.#parts.onPath?.(tunnel, path.at.subarray(0, path.count), sightings);
    this.#count(trail, tunnel, seen, path.at[path.count - 1] as number);
  }

  /** Whether a frame is a copy of one that took the same way and more: then it was doubled on the hop before its first endpoint. */
  #isCopy(path: Path, trail: number, twin: SightingList, tunnel: number): boolean {
    const sightings = this.#sightings;
    const whole = this.#twinPath;
    whole.order(trail, twin, tunnel);
    if (whole.count <= path.count) return false;
    const endpoint = sightings.endpoint(path.at[0] as number);
    let place = 0;
    while (place < whole.count && sightings.endpoint(whole.at[place] as number) !== endpoint) place++;
    if (place === whole.count) return false;
    if (place > 0) {
      const hop = this.#hop(tunnel, sightings.endpoint(whole.at[place - 1] as number), endpoint);
      if (hop >= 0) (this.#hops[hop] as Hop).duplicated++;
    }
    return true;
  }

  #pass(hop: number, from: number, to: number): void {
    const sightings = this.#sightings;
    this.#latencies.add(hop, sightings.timeNs(to) - sightings.timeNs(from));
    if ((sightings.marks(to) & ~sightings.marks(from) & Mark.Late) !== 0) (this.#hops[hop] as Hop).reordered++;
  }

  /** The row of a hop; -1 where there is no place. */
  #hop(tunnel: number, from: number, to: number): number {
    const row = this.#hopTable.row(tunnel, from, to, 0);
    if (row === this.#hops.length) {
      this.#hops.push(new Hop(row, tunnel, from, to));
      this.#latencies.open();
    }
    return row;
  }

  #count(trail: number, tunnel: number, seen: number, last: number): void {
    const macs = this.#macPair(trail, tunnel);
    if (macs < 0) return;
    const before = this.#ofMacs[macs * STRIDE + SEEN] as number;
    const pattern = this.#see(macs, seen);
    if (pattern < 0) return;
    this.#counts[pattern] = (this.#counts[pattern] as number) + 1;
    if ((before & ~seen) !== 0 || tunnel < 0) this.#remember(pattern, trail, last);
  }

  #macPair(trail: number, tunnel: number): number {
    const { trails } = this.#parts;
    // MACs; zero where there are none.
    const words = trails.words();
    const at = trails.at(trail);
    return this.#macPairs.row(words[at] as number, words[at + 1] as number, words[at + 2] as number, tunnel);
  }

  /** Notes the endpoints that saw a frame between two MACs. @returns its pattern; -1 where there is no place */
  #see(macs: number, seen: number): number {
    const ofMacs = this.#ofMacs;
    const own = macs * STRIDE;
    const before = ofMacs[own + SEEN] as number;
    ofMacs[own + SEEN] = before | seen;
    if (before === 0 || ofMacs[own + SEEN_LAST] !== seen) {
      ofMacs[own + PATTERN] = this.#patternTable.row(macs, seen, 0, 0);
      ofMacs[own + SEEN_LAST] = seen;
    }
    return ofMacs[own + PATTERN] as number;
  }

  /** Remembers a frame that was not seen everywhere, where it was seen last. */
  #remember(pattern: number, trail: number, last: number): void {
    const frames = this.#last[pattern] ?? [];
    this.#last[pattern] = frames;
    if (frames.length === MAX_LISTED) return;
    const sightings = this.#sightings;
    const [endpoint, frame] = [sightings.endpoint(last), sightings.frame(last)];
    const acknowledged = this.#acknowledgements.has(trail, (vni) => this.#mayBeOf(trail, endpoint, vni));
    frames.push({ endpoint, frame, timeNs: sightings.timeNs(last), acknowledged });
  }

  /** Whether a trail of a VNI may be of the network of a trail that was seen at an endpoint. */
  #mayBeOf(trail: number, endpoint: number, vni: number): boolean {
    const { trails, sides, points } = this.#parts;
    if (trails.vni(trail) >= 0) return trails.vni(trail) === vni;
    return sides[points.tap(endpoint >> 1)]?.ownsVni(vni) ?? true;
  }

  /** All hops, as what was added so far shows them; by tunnel, in the order of the way. **Cost** allocates. */
  hops(): Hop[] {
    for (const hop of this.#hops) {
      hop.forgetAbsent();
      hop.passed = this.#latencies.count(hop.row);
      hop.latencyNs = this.#latencies.summary(hop.row);
    }
    const counts = this.#counts.slice(0, this.#patternTable.size);
    this.#parts.flows.addPassedTo(counts);
    const inTunnel = this.#pairsInTunnel();
    for (let row = 0; row < this.#patternTable.size; row++) {
      const own = this.#patternTable.word(row, 0);
      const macs = this.#macPairs.word(own, 3) >= 0 ? own : inTunnel(own);
      const seen = this.#patternTable.word(row, 1);
      const pattern = { seen, count: counts[row] as number, last: this.#last[row] ?? [] };
      if (macs >= 0) this.#judge(pattern, macs);
    }
    return [...this.#hops].sort((x, y) => x.tunnel - y.tunnel || this.#compare(x.tunnel, x.from, y.from));
  }

  /** By a pair of MACs that was never encapsulated: the same one where it is in one tunnel only; -1 without. */
  #pairsInTunnel(): (macs: number) => number {
    const table = this.#macPairs;
    const byMacs = new KeyTable(MAX_MAC_PAIRS);
    const only: number[] = [];
    const bare = (macs: number): number => byMacs.row(table.word(macs, 0), table.word(macs, 1), table.word(macs, 2), 0);
    for (let macs = 0; macs < table.size; macs++) {
      if (table.word(macs, 3) < 0) continue;
      const row = bare(macs);
      only[row] = only[row] === undefined ? macs : -1;
    }
    return (macs) => only[bare(macs)] ?? -1;
  }

  /** Finds where frames of a pattern vanished, by the way that others between their MACs took. */
  #judge(pattern: Pattern, macs: number): void {
    const all = this.#ofMacs[macs * STRIDE + SEEN] as number;
    const missing = all & ~pattern.seen;
    if (missing === 0 || (pattern.seen & ~all) !== 0) return;
    const tunnel = this.#macPairs.word(macs, 3);
    const way: number[] = [];
    for (let endpoint = 0; endpoint < MAX_BITS; endpoint++) if ((all & (1 << endpoint)) !== 0) way.push(endpoint);
    way.sort((x, y) => this.#compare(tunnel, x, y));
    const isSeen = way.map((endpoint) => (pattern.seen & (1 << endpoint)) !== 0);
    const end = isSeen.lastIndexOf(true);
    for (let place = isSeen.indexOf(true); place <= end && place + 1 < way.length; place++) {
      if (!isSeen[place] || isSeen[place + 1]) continue;
      const hop = this.#hops[this.#hop(tunnel, way[place] as number, way[place + 1] as number)];
      if (hop === undefined) continue;
      if (place < end) this.#addMissed(hop, pattern);
      else this.#addLost(hop, pattern);
    }
  }

  #addMissed(hop: Hop, { count, last }: Pattern): void {
    hop.missed += count;
    addListed(hop.missedFrames, last);
  }

  #addLost(hop: Hop, { count, last }: Pattern): void {
    const { points, presences } = this.#parts;
    const presence = presences[points.tap(hop.to >> 1)] as Presence;
    const vanished = last.filter(({ acknowledged }) => !acknowledged);
    hop.lost += count - (last.length - vanished.length);
    hop.missed += last.length - vanished.length;
    const unproven = vanished.filter(({ timeNs }) => !presence.covers(timeNs));
    hop.unproven += unproven.length;
    addListed(hop.lostFrames, vanished);
    addListed(hop.unprovenFrames, unproven);
    addListed(
      hop.missedFrames,
      last.filter(({ acknowledged }) => acknowledged),
    );
  }

  /** Which of two endpoints comes first on the way through a tunnel: overlay taps at its ends, the others as frames passed them. */
  #compare(tunnel: number, a: number, b: number): number {
    if (a === b) return 0;
    const [endA, endB] = [this.#end(tunnel, a), this.#end(tunnel, b)];
    if (endA !== endB) return endA - endB;
    const forth = this.#passed(tunnel, a, b);
    const back = this.#passed(tunnel, b, a);
    return back - forth || a - b;
  }

  #end(tunnel: number, endpoint: number): number {
    if ((endpoint & 1) === 1) return 0;
    const { sides, points } = this.#parts;
    return sides[points.tap(endpoint >> 1)]?.direction(tunnel) === Direction.Decap ? 1 : -1;
  }

  #passed(tunnel: number, from: number, to: number): number {
    const hop = this.#hopTable.find(tunnel, from, to, 0);
    return hop < 0 ? 0 : this.#latencies.count(hop);
  }
}

/** An endpoint as a bit; 0 where there is none for it. */
function bitOf(endpoint: number): number {
  return endpoint < MAX_BITS ? 1 << endpoint : 0;
}
