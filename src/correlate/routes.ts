/**
 * Routes: the way that frames take from tap to tap, tunnel by tunnel, and the hop at which some of them vanish. A tap
 * that saw frames from one MAC to another in a tunnel is on the way of all of them.
 */
import { KeyTable } from '../inventory/key-table.js';
import { Flag } from './identity.js';
import { Latencies } from './latency.js';
import { Direction, type OverlaySide } from './overlay-side.js';
import type { Points } from './points.js';
import type { Presence } from './presence.js';
import { Mark, type Sightings } from './sightings.js';
import { MAX_LISTED } from './tap-pair.js';
import type { Trails } from './trails.js';
import type { Tunnels } from './tunnels.js';

const MAX_HOPS = 65_536;
const MAX_FLOWS = 65_536;
const MAX_PATTERNS = 131_072;
/** Endpoints that are bits of one integer: frames are not missed at later ones. */
const MAX_BITS = 31;
/** What `ofFlow` has of a flow. */
const FLOW_WORDS = 3;
const SEEN = 0;
const SEEN_LAST = 1;
const PATTERN = 2;
/** The most places on one way. */
const MAX_PATH = 256;

/** A frame, where it was seen last. */
export interface LastSeen {
  readonly endpoint: number;
  readonly frame: number;
  readonly timeNs: number;
}

/** From one endpoint to the next, in one tunnel. */
export class Hop {
  readonly tunnel: number;
  readonly from: number;
  readonly to: number;
  /** Frames that both saw. */
  passed = 0;
  /** Frames that `from` saw, and neither `to` nor any endpoint behind it. */
  lost = 0;
  /** Of those, the ones that `to` has not been shown to capture at the time of. */
  unproven = 0;
  /** Frames that `from` saw and an endpoint behind `to` as well: `to` was not looking. */
  missed = 0;
  duplicated = 0;
  reordered = 0;
  readonly latencies = new Latencies();
  /** The first 1,000 of each, where they were seen last. */
  readonly lostFrames: LastSeen[] = [];
  readonly missedFrames: LastSeen[] = [];

  constructor(tunnel: number, from: number, to: number) {
    this.tunnel = tunnel;
    this.from = from;
    this.to = to;
  }

  /** Forgets what was judged to be absent: later frames may judge otherwise. */
  forgetAbsent(): void {
    this.lost = 0;
    this.unproven = 0;
    this.missed = 0;
    this.lostFrames.length = 0;
    this.missedFrames.length = 0;
  }
}

/** Frames of one flow that were seen at the same endpoints. */
interface Pattern {
  readonly seen: number;
  readonly count: number;
  /** Only of frames that were not seen everywhere, the first 1,000. */
  readonly last: readonly LastSeen[];
}

/** What routes are found from. */
export interface RouteParts {
  readonly trails: Trails;
  readonly points: Points;
  readonly tunnels: Tunnels;
  readonly sides: readonly (OverlaySide | null)[];
  readonly presences: readonly Presence[];
  /** Told the sightings of a frame in the order of its way, one tunnel at a time. */
  readonly onPath: ((tunnel: number, path: Uint32Array, sightings: Sightings) => void) | null;
}

/** Sightings in the order of a way: the first `count` of `at`. */
class Path {
  readonly at: Uint32Array;
  count: number;

  constructor() {
    this.at = new Uint32Array(MAX_PATH);
    this.count = 0;
  }
}

/** Follows trails. */
export class Routes {
  readonly #parts: RouteParts;
  readonly #sightings: Sightings;
  readonly #hopTable: KeyTable;
  readonly #hops: Hop[];
  /** By tunnel, the hop that was looked up last. */
  readonly #lastHop: (Hop | undefined)[];
  readonly #flows: KeyTable;
  /** By flow, by three: endpoints that saw any of its frames, those of the last one, and that one's pattern. */
  readonly #ofFlow: Int32Array;
  readonly #patternTable: KeyTable;
  /** By pattern. */
  readonly #counts: Float64Array;
  readonly #last: (LastSeen[] | undefined)[];
  readonly #path: Path;
  readonly #twinPath: Path;

  constructor(parts: RouteParts) {
    this.#parts = parts;
    this.#sightings = parts.trails.sightings;
    this.#hopTable = new KeyTable(MAX_HOPS);
    this.#hops = [];
    this.#lastHop = [];
    this.#flows = new KeyTable(MAX_FLOWS);
    this.#ofFlow = new Int32Array(MAX_FLOWS * FLOW_WORDS);
    this.#patternTable = new KeyTable(MAX_PATTERNS);
    this.#counts = new Float64Array(MAX_PATTERNS);
    this.#last = [];
    this.#path = new Path();
    this.#twinPath = new Path();
  }

  /**
   * Follows a trail that is settled.
   *
   * @param found its sightings, in the order in which they were taken in, `count` of them
   * @param twin the sightings of a trail that it looks like a copy of; null without
   *
   * **Cost** amortised no allocation.
   */
  add(trail: number, found: readonly number[], count: number, twin: readonly number[] | null): void {
    const sightings = this.#sightings;
    let inTunnel = false;
    for (let index = 0; index < count; index++) {
      const tunnel = sightings.tunnel(found[index] as number);
      if (tunnel < 0) continue;
      inTunnel = true;
      if (index > 0 && hasTunnel(sightings, found, index, tunnel)) continue;
      this.#follow(trail, found, count, tunnel, twin);
    }
    if (!inTunnel) this.#follow(trail, found, count, -1, twin);
  }

  #follow(
    trail: number,
    found: readonly number[],
    count: number,
    tunnel: number,
    twin: readonly number[] | null,
  ): void {
    const sightings = this.#sightings;
    const path = this.#path;
    this.#order(path, trail, found, count, tunnel);
    if (path.count === 0) return;
    if (twin !== null && this.#isCopy(path, trail, twin, tunnel)) return;
    let seen = 0;
    for (let index = 0; index < path.count; index++) {
      const at = path.at[index] as number;
      const endpoint = sightings.endpoint(at);
      if (endpoint < MAX_BITS) seen |= 1 << endpoint;
      if (index > 0) this.#pass(path.at[index - 1] as number, at, tunnel);
    }
    if (tunnel >= 0) this.#parts.onPath?.(tunnel, path.at.subarray(0, path.count), sightings);
    this.#count(trail, tunnel, seen, path.at[path.count - 1] as number);
  }

  /** Puts the sightings of a frame in one tunnel in the order of its way. */
  #order(path: Path, trail: number, found: readonly number[], count: number, tunnel: number): void {
    path.count = 0;
    const toGroup = (this.#parts.trails.flags(trail) & Flag.ToGroup) !== 0;
    this.#appendBare(path, found, count, tunnel, Direction.Encap, false);
    if (tunnel < 0) return;
    for (let index = 0; index < count; index++) {
      const at = found[index] as number;
      if (this.#sightings.tunnel(at) === tunnel) this.#append(path, at);
    }
    this.#appendBare(path, found, count, tunnel, Direction.Decap, toGroup);
  }

  /** Appends sightings of overlay taps that a tunnel leads away from, or to. @param own only where its VTEP is the receiver */
  #appendBare(
    path: Path,
    found: readonly number[],
    count: number,
    tunnel: number,
    direction: Direction,
    own: boolean,
  ): void {
    const { sides, points, tunnels } = this.#parts;
    for (let index = 0; index < count; index++) {
      const at = found[index] as number;
      if (this.#sightings.tunnel(at) >= 0) continue;
      const side = sides[points.tap(this.#sightings.endpoint(at) >> 1)];
      if (!side || (tunnel >= 0 && side.direction(tunnel) !== direction)) continue;
      if (own && !side.isOwn(tunnels.receiver(tunnel))) continue;
      this.#append(path, at);
    }
  }

  /** Appends a sighting, unless its endpoint is there: of parts the first one stands for all. */
  #append(path: Path, at: number): void {
    const endpoint = this.#sightings.endpoint(at);
    for (let index = 0; index < path.count; index++) {
      if (this.#sightings.endpoint(path.at[index] as number) === endpoint) return;
    }
    if (path.count < MAX_PATH) path.at[path.count++] = at;
  }

  /** Whether a frame is a copy of one that took the same way and more: then it was doubled on the hop before its first endpoint. */
  #isCopy(path: Path, trail: number, twin: readonly number[], tunnel: number): boolean {
    const sightings = this.#sightings;
    if (!sightings.has(twin[0] as number)) return false;
    const whole = this.#twinPath;
    this.#order(whole, trail, twin, twin.length, tunnel);
    if (whole.count <= path.count) return false;
    const endpoint = sightings.endpoint(path.at[0] as number);
    let place = 0;
    while (place < whole.count && sightings.endpoint(whole.at[place] as number) !== endpoint) place++;
    if (place === whole.count) return false;
    if (place > 0) {
      const hop = this.#hop(tunnel, sightings.endpoint(whole.at[place - 1] as number), endpoint);
      if (hop !== null) hop.duplicated++;
    }
    return true;
  }

  #pass(from: number, to: number, tunnel: number): void {
    const sightings = this.#sightings;
    const hop = this.#hop(tunnel, sightings.endpoint(from), sightings.endpoint(to));
    if (hop === null) return;
    hop.passed++;
    hop.latencies.add(sightings.timeNs(to) - sightings.timeNs(from));
    if ((sightings.marks(to) & ~sightings.marks(from) & Mark.Late) !== 0) hop.reordered++;
  }

  #hop(tunnel: number, from: number, to: number): Hop | null {
    const last = this.#lastHop[tunnel + 1];
    if (last !== undefined && last.from === from && last.to === to) return last;
    const row = this.#hopTable.row(tunnel, from, to, 0);
    if (row < 0) return null;
    const hop = this.#hops[row] ?? new Hop(tunnel, from, to);
    this.#hops[row] = hop;
    this.#lastHop[tunnel + 1] = hop;
    return hop;
  }

  #count(trail: number, tunnel: number, seen: number, last: number): void {
    const { trails } = this.#parts;
    // MACs; zero where there are none.
    const words = trails.words();
    const at = trails.at(trail);
    const flow = this.#flows.row(words[at] as number, words[at + 1] as number, words[at + 2] as number, tunnel);
    if (flow < 0) return;
    const ofFlow = this.#ofFlow;
    const own = flow * FLOW_WORDS;
    const before = ofFlow[own + SEEN] as number;
    ofFlow[own + SEEN] = before | seen;
    if (before === 0 || ofFlow[own + SEEN_LAST] !== seen) {
      ofFlow[own + PATTERN] = this.#patternTable.row(flow, seen, 0, 0);
      ofFlow[own + SEEN_LAST] = seen;
    }
    const pattern = ofFlow[own + PATTERN] as number;
    if (pattern < 0) return;
    this.#counts[pattern] = (this.#counts[pattern] as number) + 1;
    if ((before & ~seen) !== 0 || tunnel < 0) this.#remember(pattern, last);
  }

  /** Remembers a frame that was not seen everywhere, where it was seen last. */
  #remember(pattern: number, last: number): void {
    const frames = this.#last[pattern] ?? [];
    this.#last[pattern] = frames;
    if (frames.length === MAX_LISTED) return;
    const sightings = this.#sightings;
    const [endpoint, frame] = [sightings.endpoint(last), sightings.frame(last)];
    frames.push({ endpoint, frame, timeNs: sightings.timeNs(last) });
  }

  /** All hops, as what was added so far shows them; by tunnel, in the order of the way. **Cost** allocates. */
  hops(): Hop[] {
    for (const hop of this.#hops) hop.forgetAbsent();
    const homes = this.#flowsByMacs();
    for (let row = 0; row < this.#patternTable.size; row++) {
      const own = this.#patternTable.word(row, 0);
      const flow = this.#flows.word(own, 3) >= 0 ? own : homes(own);
      const seen = this.#patternTable.word(row, 1);
      const pattern = { seen, count: this.#counts[row] as number, last: this.#last[row] ?? [] };
      if (flow >= 0) this.#judge(pattern, flow);
    }
    return [...this.#hops].sort((x, y) => x.tunnel - y.tunnel || this.#compare(x.tunnel, x.from, y.from));
  }

  /** By a flow that was never encapsulated: the only one in a tunnel between the same MACs; -1 without. */
  #flowsByMacs(): (flow: number) => number {
    const byMacs = new KeyTable(MAX_FLOWS);
    const only: number[] = [];
    const macs = (flow: number): number =>
      byMacs.row(this.#flows.word(flow, 0), this.#flows.word(flow, 1), this.#flows.word(flow, 2), 0);
    for (let flow = 0; flow < this.#flows.size; flow++) {
      if (this.#flows.word(flow, 3) < 0) continue;
      const row = macs(flow);
      only[row] = only[row] === undefined ? flow : -1;
    }
    return (flow) => only[macs(flow)] ?? -1;
  }

  /** Finds where frames of a pattern vanished, by the way that others of their flow took. */
  #judge(pattern: Pattern, flow: number): void {
    const all = this.#ofFlow[flow * FLOW_WORDS + SEEN] as number;
    const missing = all & ~pattern.seen;
    if (missing === 0 || (pattern.seen & ~all) !== 0) return;
    const tunnel = this.#flows.word(flow, 3);
    const way: number[] = [];
    for (let endpoint = 0; endpoint < MAX_BITS; endpoint++) if ((all & (1 << endpoint)) !== 0) way.push(endpoint);
    way.sort((x, y) => this.#compare(tunnel, x, y));
    const isSeen = way.map((endpoint) => (pattern.seen & (1 << endpoint)) !== 0);
    const end = isSeen.lastIndexOf(true);
    for (let place = isSeen.indexOf(true); place <= end && place + 1 < way.length; place++) {
      if (!isSeen[place] || isSeen[place + 1]) continue;
      const hop = this.#hop(tunnel, way[place] as number, way[place + 1] as number);
      if (hop === null) continue;
      if (place < end) this.#addMissed(hop, pattern);
      else this.#addLost(hop, pattern);
    }
  }

  #addMissed(hop: Hop, pattern: Pattern): void {
    hop.missed += pattern.count;
    this.#list(hop.missedFrames, pattern);
  }

  #addLost(hop: Hop, pattern: Pattern): void {
    const { points, presences } = this.#parts;
    hop.lost += pattern.count;
    const presence = presences[points.tap(hop.to >> 1)] as Presence;
    for (const { timeNs } of pattern.last) if (!presence.covers(timeNs)) hop.unproven++;
    this.#list(hop.lostFrames, pattern);
  }

  #list(frames: LastSeen[], { last }: Pattern): void {
    frames.push(...last.slice(0, MAX_LISTED - frames.length));
    frames.sort((a, b) => a.timeNs - b.timeNs);
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
    if (!this.#hopTable.has(tunnel, from, to, 0)) return 0;
    return this.#hops[this.#hopTable.row(tunnel, from, to, 0)]?.passed ?? 0;
  }
}

function hasTunnel(sightings: Sightings, found: readonly number[], count: number, tunnel: number): boolean {
  for (let index = 0; index < count; index++) if (sightings.tunnel(found[index] as number) === tunnel) return true;
  return false;
}
