/**
 * Plain pairs: where frames of one overlay tap and one underlay tap are paired, most are plain and seen once at each, and
 * nothing is left to ask. WebAssembly places and settles those, some at a time, on the same trails; `Placement` has all
 * others. What this gains stands in docs/adr/0014-plain-pairs.md.
 */
import { instantiate } from '../../assembly/memory.js';
import { FRAME, STRIDE, TIME } from '../identity/plain-record.js';
import type { Flows } from '../routes/flows.js';
import type { Routes } from '../routes/routes.js';
import * as tables from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';
import type { Clocks } from '../taps/clocks.js';
import type { Lanes } from '../taps/lanes.js';
import type { Neighbours } from '../taps/neighbours.js';
import { Direction } from '../taps/overlay-side.js';
import type { Points } from '../taps/points.js';
import type { Presence } from '../taps/presence.js';
import type { TapPair } from '../taps/tap-pair.js';
import { code } from './plain-pairs.wasm';

/** As plain-pairs.as.ts says. */
interface Exports {
  readonly run: (limitNs: number) => void;
}

/** What plain frames are paired by. */
export interface PlainPairParts {
  readonly memory: PairingMemory;
  /** The one overlay tap and the one underlay tap: two. */
  readonly taps: TapPair;
  readonly points: Points;
  readonly clocks: Clocks;
  readonly lanes: Lanes;
  readonly flows: Flows;
  readonly routes: Routes;
  readonly neighbours: Neighbours;
  /** By tap. */
  readonly presences: readonly Presence[];
  readonly windowNs: number;
  /** Lets time pass: what is older than the window is settled. */
  readonly passTime: (timeNs: number) => void;
  /** Told how many bare frames the overlay tap saw, and the number of the last of them. */
  readonly onBare: (count: number, frame: number) => void;
}

/** Pairs plain frames of two taps, which wait in a queue each. */
export class PlainPairs {
  readonly #parts: PlainPairParts;
  readonly #run: (limitNs: number) => void;
  /** Frames that wait, and pairs that the last run found: as integers, and as doubles. */
  readonly #queues: Int32Array;
  readonly #queueTimes: Float64Array;
  readonly #found: Int32Array;
  readonly #foundTimes: Float64Array;
  /** What a run is told and says. */
  readonly #counts: Int32Array;
  readonly #times: Float64Array;
  /** Tunnels by sender, and ways by tunnel, as far as `know` was told. */
  readonly #senders: Int32Array;
  readonly #ways: Uint8Array;
  /** By queue, where frames are read to, and views of the first so many of them: a new one each time would be garbage. */
  readonly #waiting: Int32Array[];
  readonly #views: Int32Array[][];
  /** The endpoints of both taps. */
  readonly #bare: number;
  readonly #inner: number;

  constructor(parts: PlainPairParts, { run }: Exports) {
    const { memory, taps, windowNs } = parts;
    this.#parts = parts;
    this.#run = run;
    this.#queues = memory.int32(tables.QUEUES_AT, (tables.QUEUE_BYTES / 4) * 2);
    this.#queueTimes = memory.float64(tables.QUEUES_AT, (tables.QUEUE_BYTES / 8) * 2);
    this.#counts = memory.int32(tables.RUN_AT, tables.RUN_COUNTS);
    this.#times = memory.float64(tables.RUN_TIMES_AT, tables.RUN_TIMES);
    this.#found = memory.int32(tables.PAIRS_AT, tables.MAX_PAIRS * tables.PAIR);
    this.#foundTimes = memory.float64(tables.PAIRS_AT, (tables.MAX_PAIRS * tables.PAIR) / 2);
    this.#senders = memory.int32(tables.SENDERS_AT, tables.MAX_SENDERS);
    this.#ways = new Uint8Array(memory.bytes.buffer, tables.WAYS_AT, tables.MAX_TUNNELS);
    this.#waiting = [];
    this.#views = [];
    this.#bare = taps.overlay * 2;
    this.#inner = taps.underlay * 2 + 1;
    this.#counts[tables.BARE_ENDPOINT] = this.#bare;
    this.#counts[tables.INNER_ENDPOINT] = this.#inner;
    this.#counts[tables.FIRST_QUEUE] = taps.overlay < taps.underlay ? 0 : 1;
    this.#times[tables.WINDOW_NS] = windowNs;
  }

  /** @returns null where there is no WebAssembly */
  static of(parts: PlainPairParts): PlainPairs | null {
    const exports = instantiate<Exports>(parts.memory.bytes, code);
    return exports === null ? null : new PlainPairs(parts, exports);
  }

  /** Says that a sender's tunnel is known by now, so that its plain frames may be paired here. **Cost** no allocation. */
  know(sender: number, tunnel: number): void {
    const { side } = this.#parts.taps;
    const way = side.direction(tunnel);
    if (way === Direction.Unknown || sender >= tables.MAX_SENDERS || !side.owns(tunnel)) return;
    this.#senders[sender] = tunnel + 1;
    this.#ways[tunnel] = way;
  }

  /**
   * Makes plain frames of a tap wait, in place of those that waited.
   *
   * @param records as identity/plain-record.ts has them: the same array for all of a tap's while its memory is
   * @param count 1..256
   *
   * **Cost** no allocation, save the first time.
   */
  wait(tap: number, records: Int32Array, count: number): void {
    const queue = this.#queueOf(tap);
    if (records !== this.#waiting[queue]) {
      this.#waiting[queue] = records;
      this.#views[queue] = [];
    }
    const views = this.#views[queue] as Int32Array[];
    const view = views[count] ?? records.subarray(0, count * STRIDE);
    views[count] = view;
    this.#queues.set(view, queue * tables.QUEUE_LEN * STRIDE);
  }

  /**
   * Says which of the frames of a tap wait still.
   *
   * @param greatestNs the greatest time of the tap so far, that of its next frame included
   *
   * **Cost** no allocation.
   */
  stand(tap: number, position: number, end: number, greatestNs: number): void {
    const queue = this.#queueOf(tap);
    this.#counts[tables.POSITION + queue] = position;
    this.#counts[tables.END + queue] = end;
    this.#times[tables.GREATEST + queue] = greatestNs;
  }

  /** Which of its frames waits next. */
  position(tap: number): number {
    return this.#position(this.#queueOf(tap));
  }

  /** The greatest time of a tap so far. */
  greatestNs(tap: number): number {
    return this.#times[tables.GREATEST + this.#queueOf(tap)] as number;
  }

  /**
   * Takes in frames that wait, in the order of their times: until a tap has none left, or one is not for this.
   *
   * @param limitNs where one tap has some: when the other one's next frame was seen
   * @returns whether it took in any
   *
   * **Cost** amortised no allocation.
   */
  run(limitNs: number): boolean {
    const { taps, points, clocks, passTime } = this.#parts;
    let taken = 0;
    // Times that wait are not corrected, and with several points no frame is whole with two sightings.
    while (!points.areSeveral && clocks.areUncorrected(taps.overlay, taps.underlay)) {
      const [bare, inner] = [this.#position(0), this.#position(1)];
      this.#runOn(limitNs);
      taken += this.#see(0, bare) + this.#see(1, inner);
      const late = (this.#counts[tables.LATE_QUEUE] as number) - 1;
      if (late < 0) break;
      passTime(this.#timeNs(late, this.#position(late)));
    }
    return taken > 0;
  }

  #runOn(limitNs: number): void {
    const { taps, clocks, lanes, neighbours } = this.#parts;
    const [counts, times] = [this.#counts, this.#times];
    const out = lanes.of(this.#bare, this.#inner);
    const back = lanes.of(this.#inner, this.#bare);
    out.lend(times, tables.LANES);
    back.lend(times, tables.LANES + tables.LANE);
    times[tables.LAST_ANSWER] = neighbours.lastAnswerNs;
    counts[tables.PAIRS_LEFT] = clocks.pairsLeft(taps.overlay, taps.underlay, Direction.Encap);
    counts[tables.PAIRS_LEFT + 1] = clocks.pairsLeft(taps.overlay, taps.underlay, Direction.Decap);
    this.#run(limitNs);
    out.takeBack(times, tables.LANES);
    back.takeBack(times, tables.LANES + tables.LANE);
    const pairs = counts[tables.PAIRS] as number;
    for (let pair = 0; pair < pairs; pair++) this.#count(pair * tables.PAIR);
  }

  /** Counts a pair. @param at its first integer */
  #count(at: number): void {
    const { taps, clocks, flows, routes } = this.#parts;
    const flow = this.#found[at] as number;
    const latencyNs = this.#foundTimes[(at >> 1) + tables.PAIR_LATENCY] as number;
    const innerNs = this.#foundTimes[(at >> 1) + tables.PAIR_INNER_TIME] as number;
    const row = taps.row(flows.tunnel(flow));
    row.matched++;
    const isOut = flows.from(flow) === this.#bare;
    taps.latencies.add(isOut ? row.encap : row.decap, latencyNs);
    clocks.learn(taps.overlay, taps.underlay, isOut ? Direction.Encap : Direction.Decap, innerNs, latencyNs);
    routes.passInOrder(flow, latencyNs);
  }

  /** Says what a queue's tap saw since. @param first the place of the first frame @returns how many */
  #see(queue: number, first: number): number {
    const { taps, presences, onBare } = this.#parts;
    const count = this.#position(queue) - first;
    if (count === 0) return 0;
    const last = first + count - 1;
    const presence = presences[queue === 0 ? taps.overlay : taps.underlay] as Presence;
    presence.seen(this.#timeNs(queue, first));
    presence.seen(this.#timeNs(queue, last));
    if (queue === 0) onBare(count, (this.#queues[last * STRIDE + FRAME] as number) >>> 0);
    return count;
  }

  #queueOf(tap: number): number {
    return tap === this.#parts.taps.overlay ? 0 : 1;
  }

  #position(queue: number): number {
    return this.#counts[tables.POSITION + queue] as number;
  }

  #timeNs(queue: number, position: number): number {
    return this.#queueTimes[((queue * tables.QUEUE_LEN + position) * STRIDE) / 2 + TIME] as number;
  }
}
