/**
 * Settlement: what becomes of a trail that leaves the window. Its overlay and underlay sightings are paired, tap by tap;
 * what has no counterpart is counted as unpaired, and copies as duplicates.
 */
import { EtherType } from '../wire/ether-type.js';
import * as icmpv4 from '../wire/icmpv4.js';
import * as icmpv6 from '../wire/icmpv6.js';
import { IpProtocol } from '../wire/ip-protocol.js';
import type { Clocks } from './clocks.js';
import { Flag } from './identity.js';
import { Likeness } from './likeness.js';
import type { Neighbours } from './neighbours.js';
import { Direction } from './overlay-side.js';
import type { Points } from './points.js';
import type { Presence } from './presence.js';
import type { Routes } from './routes.js';
import { Mark, type Sightings } from './sightings.js';
import { MAX_LISTED, type TapPair } from './tap-pair.js';
import type { Trails } from './trails.js';
import type { Tunnels } from './tunnels.js';
import { type Twin, Twins } from './twins.js';

/** Type and code of ICMP "fragmentation needed and DF set" (RFC 792). */
const FRAGMENTATION_NEEDED = (icmpv4.Type.DestinationUnreachable << 8) | icmpv4.UnreachableCode.FragmentationNeeded;
/** The most trails of the same key that are looked at. */
const MAX_STEPS = 32;

/** A pair, as it is told to who asks for pairs. */
export interface Pair {
  readonly overlay: number;
  readonly underlay: number;
  readonly overlayFrame: number;
  readonly underlayFrame: number;
  readonly tunnel: number;
  readonly direction: Direction;
  readonly latencyNs: number;
  /** Of a frame to a group: it may have more pairs. */
  readonly toGroup: boolean;
}

/** What a settlement works on, and who it tells. */
export interface SettlementParts {
  readonly trails: Trails;
  readonly points: Points;
  readonly tunnels: Tunnels;
  readonly neighbours: Neighbours;
  readonly presences: readonly Presence[];
  readonly clocks: Clocks;
  readonly routes: Routes;
  readonly pairs: readonly TapPair[];
  readonly onPair: (pair: Pair) => void;
  /** Whether `onPair` is told all pairs; else only those of frames to a group. */
  readonly everyPair: boolean;
}

/** Settles trails, one after the other. */
export class Settlement {
  readonly pairs: readonly TapPair[];
  /** Whether trails are settled before their time: where there are two taps, and nobody is told each pair, in order. */
  readonly settlesEarly: boolean;
  readonly #parts: SettlementParts;
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  /** The sightings of the trail at hand, and of each its tap. */
  #found: number[];
  #taps: number[];
  #count = 0;
  readonly #twins: Twins;

  constructor(parts: SettlementParts) {
    this.pairs = parts.pairs;
    this.settlesEarly = parts.pairs.length === 1 && !parts.everyPair;
    this.#parts = parts;
    this.#trails = parts.trails;
    this.#sightings = parts.trails.sightings;
    this.#found = [];
    this.#taps = [];
    this.#twins = new Twins(parts.trails);
  }

  /** Settles a trail. @param pushed by the bound in frames, before its time. **Cost** amortised no allocation. */
  settle(trail: number, pushed: boolean): void {
    if (!this.#trails.wasAbsorbed(trail)) this.#settleWhole(trail, this.#twins.of(trail), pushed);
    this.#twins.settled(trail);
  }

  #settleWhole(trail: number, twin: Twin | null, pushed: boolean): void {
    const trails = this.#trails;
    const isSettled = trails.isSettled(trail);
    if (isSettled && !trails.hasCopies(trail)) return;
    this.#gather(trail);
    if (trails.hasCopies(trail)) this.#twins.remember(trail, this.#found, this.#taps, this.#count, twin);
    if (isSettled) return;
    const { pairs } = this;
    for (let index = 0; index < pairs.length; index++) {
      const pair = pairs[index] as TapPair;
      if (!this.#settleBare(pair, trail, twin, pushed)) this.#settleInner(pair, trail, twin, pushed);
    }
    this.#parts.routes.add(trail, this.#found, this.#count, twin?.sightings ?? null);
  }

  /**
   * Settles a trail before its time where its second sighting makes it whole: between one overlay tap and one underlay
   * tap nobody else can see it. Further encapsulations of one that is settled are counted as they come.
   *
   * @param opener its first sighting
   * @param sighting the one that it got now, as a whole
   * @param flow the frame's flow; -1 where that has no number
   *
   * **Cost** amortised no allocation.
   */
  settleEarly(trail: number, opener: number, sighting: number, flow: number): void {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const isBare = sightings.tunnel(sighting) < 0;
    const opensBare = sightings.tunnel(opener) < 0;
    if (trails.isSettled(trail)) {
      if (!isBare) this.#countEarly(trail, opensBare ? opener : sightings.after(opener), sighting, false, -1);
      return;
    }
    if (isBare === opensBare || sightings.after(opener) !== sighting) return;
    const [bare, inner] = isBare ? [sighting, opener] : [opener, sighting];
    if (!this.#settlesEarly(trail, sightings.tunnel(inner))) return;
    trails.markSettled(trail);
    this.#countEarly(trail, bare, inner, true, flow);
  }

  /** Whether nothing else can come to a trail. */
  #settlesEarly(trail: number, tunnel: number): boolean {
    const { trails, points } = this.#parts;
    if (!this.settlesEarly || points.areSeveral) return false;
    if ((trails.flags(trail) & (Flag.ToGroup | Flag.Split)) !== 0 || trails.twin(trail) !== 0) return false;
    return (this.pairs[0] as TapPair).side.owns(tunnel);
  }

  #countEarly(trail: number, bare: number, inner: number, first: boolean, flow: number): void {
    const pair = this.pairs[0] as TapPair;
    const tunnel = this.#sightings.tunnel(inner);
    if (first) pair.row(tunnel).matched++;
    this.#countPair(pair, bare, inner, first, false);
    const encap = pair.side.direction(tunnel) === Direction.Encap;
    this.#parts.routes.addPassed(trail, encap ? bare : inner, encap ? inner : bare, tunnel, flow);
  }

  /** Says that a trail looks like a copy of another one, which is settled before it. */
  expectTwin(trail: number, twin: number): void {
    this.#twins.expect(trail, twin);
  }

  #gather(trail: number): void {
    const sightings = this.#sightings;
    const { points } = this.#parts;
    let count = 0;
    for (let at = this.#trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      this.#found[count] = at;
      this.#taps[count++] = points.tap(sightings.endpoint(at) >> 1);
    }
    this.#count = count;
  }

  /** Settles what the overlay tap of a pair saw. @returns false where it saw nothing of the trail */
  #settleBare(pair: TapPair, trail: number, twin: Twin | null, pushed: boolean): boolean {
    const sightings = this.#sightings;
    const trails = this.#trails;
    let point = -1;
    for (let index = 0; index < this.#count; index++) {
      if (this.#taps[index] !== pair.overlay || !this.#isBare(index)) continue;
      const bare = this.#found[index] as number;
      // A tap with several points sees a frame several times: the first one counts.
      if (point >= 0 && sightings.endpoint(bare) !== point) continue;
      point = sightings.endpoint(bare);
      if (this.#pairUp(pair, trail, bare)) continue;
      if (pushed) pair.expired++;
      if (twin?.wasBareAt(pair.overlay) && twin.wasInnerAt(pair.underlay)) {
        pair.rowOfVni(twin.vni).addDuplicate(-sightings.frame(bare));
      } else if (!isTooBig(trails.words(), trails.at(trail)) && !this.#isForeign(pair, trail)) {
        const group = pair.unpairedOverlay.add(trails, trail, sightings.frame(bare), 0);
        this.#presence(pair.underlay).absent(sightings.timeNs(bare), pair.unpairedOverlay, group);
      }
    }
    return point >= 0;
  }

  /** Pairs an overlay frame with its encapsulations at the underlay tap. @returns whether they make up all of it */
  #pairUp(pair: TapPair, trail: number, bare: number): boolean {
    const sightings = this.#sightings;
    const trails = this.#trails;
    const toGroup = (trails.flags(trail) & Flag.ToGroup) !== 0;
    const wholeLen = sightings.partLen(bare) || trails.spanLen(trail);
    let covered = 0;
    let paired = false;
    for (let index = 0; index < this.#count; index++) {
      if (!this.#isEncapsulation(pair, index, toGroup)) continue;
      const inner = this.#found[index] as number;
      const overlap = this.#overlap(bare, inner, trails.spanLen(trail));
      if (overlap < 0) continue;
      this.#countPair(pair, bare, inner, !paired, toGroup);
      paired = true;
      covered += overlap;
    }
    if (!paired || (covered < wholeLen && covered > 0)) return false;
    pair.rowOfVni(trails.vni(trail)).matched++;
    return true;
  }

  /** Whether the sighting at `index` is the first of its tunnel's at the underlay tap, and may be of a frame seen at the overlay tap. */
  #isEncapsulation({ underlay, side }: TapPair, index: number, toGroup: boolean): boolean {
    if (this.#taps[index] !== underlay || this.#isBare(index)) return false;
    const sightings = this.#sightings;
    const inner = this.#found[index] as number;
    const tunnel = sightings.tunnel(inner);
    if (!side.owns(tunnel) || (toGroup && !side.involves(tunnel))) return false;
    for (let before = 0; before < index; before++) {
      const other = this.#found[before] as number;
      if (this.#taps[before] !== underlay || sightings.tunnel(other) !== tunnel) continue;
      if (sightings.endpoint(other) !== sightings.endpoint(inner)) return false;
    }
    return true;
  }

  /** Bytes that two sightings of a trail have in common where one is a part; 0 where both are whole, -1 where there are none. */
  #overlap(a: number, b: number, wholeLen: number): number {
    const sightings = this.#sightings;
    const lenA = sightings.partLen(a);
    const lenB = sightings.partLen(b);
    if (lenA === 0 && lenB === 0) return 0;
    const [fromA, fromB] = [sightings.partOffset(a), sightings.partOffset(b)];
    const from = Math.max(lenA === 0 ? 0 : fromA, lenB === 0 ? 0 : fromB);
    const to = Math.min(lenA === 0 ? wholeLen : fromA + lenA, lenB === 0 ? wholeLen : fromB + lenB);
    return to > from ? to - from : -1;
  }

  /** Counts a pair. @param first of its overlay frame: its latency counts */
  #countPair(pair: TapPair, bare: number, inner: number, first: boolean, toGroup: boolean): void {
    const sightings = this.#sightings;
    const { neighbours, clocks, onPair, everyPair } = this.#parts;
    const tunnel = sightings.tunnel(inner);
    const row = pair.row(tunnel);
    const bareNs = sightings.timeNs(bare);
    const innerNs = sightings.timeNs(inner);
    if (pair.side.direction(tunnel) === Direction.Unknown) {
      pair.side.lead(tunnel, innerNs >= bareNs ? Direction.Encap : Direction.Decap, !toGroup);
    }
    const direction = pair.side.direction(tunnel);
    const encap = direction === Direction.Encap;
    const latencyNs = encap ? innerNs - bareNs : bareNs - innerNs;
    const ambiguous = ((sightings.marks(bare) | sightings.marks(inner)) & Mark.Ambiguous) !== 0;
    if (ambiguous) row.ambiguous++;
    if ((sightings.marks(encap ? inner : bare) & ~sightings.marks(encap ? bare : inner) & Mark.Late) !== 0) {
      row.addReordered(encap ? sightings.frame(inner) : -sightings.frame(bare));
    }
    if (encap && neighbours.resolvedBetween(tunnel, bareNs, innerNs)) {
      if (row.firstPackets.length < MAX_LISTED) {
        const [overlayFrame, underlayFrame] = [sightings.frame(bare), sightings.frame(inner)];
        row.firstPackets.push({ overlayFrame, underlayFrame, tunnel, waitNs: latencyNs });
      }
    } else if (first || toGroup) {
      pair.latencies.add(encap ? row.encap : row.decap, latencyNs);
      if (!ambiguous) clocks.learn(pair.overlay, pair.underlay, direction, innerNs, latencyNs);
    }
    if (everyPair || toGroup) {
      onPair({
        overlay: pair.overlay,
        underlay: pair.underlay,
        overlayFrame: sightings.frame(bare),
        underlayFrame: sightings.frame(inner),
        tunnel,
        direction,
        latencyNs,
        toGroup,
      });
    }
  }

  /** Settles encapsulations at the underlay tap of a pair whose overlay tap saw nothing. */
  #settleInner(pair: TapPair, trail: number, twin: Twin | null, pushed: boolean): void {
    const sightings = this.#sightings;
    for (let index = 0; index < this.#count; index++) {
      if (!this.#isEncapsulation(pair, index, false)) continue;
      const inner = this.#found[index] as number;
      const tunnel = sightings.tunnel(inner);
      if (pushed) pair.expired++;
      if (twin?.wasBareAt(pair.overlay)) {
        pair.row(tunnel).addDuplicate(sightings.frame(inner));
      } else {
        const group = pair.unpairedUnderlay.add(this.#trails, trail, sightings.frame(inner), tunnel);
        this.#presence(pair.overlay).absent(sightings.timeNs(inner), pair.unpairedUnderlay, group);
      }
    }
  }

  /**
   * Whether an unpaired overlay frame has a twin in a VNI that is not known to be its tap's: nobody can say that it was
   * lost. Where that goes on with one VNI, it is the tap's too, and was not there at the first look.
   */
  #isForeign({ side }: TapPair, trail: number): boolean {
    if (side.vnis === null) return false;
    const trails = this.#trails;
    for (
      let other = trails.newest(trails.key(trail)), steps = 0;
      other !== 0 && steps < MAX_STEPS;
      other = trails.older(other), steps++
    ) {
      const vni = trails.vni(other);
      if (vni < 0 || side.ownsVni(vni) || trails.alike(trail, other) !== Likeness.Same) continue;
      if ((trails.flags(trail) & Flag.ToGroup) === 0) side.suspect(vni);
      return true;
    }
    return false;
  }

  #isBare(index: number): boolean {
    return this.#sightings.tunnel(this.#found[index] as number) < 0;
  }

  #presence(tap: number): Presence {
    return this.#parts.presences[tap] as Presence;
  }
}

/** An ICMP "too big" without a twin: the tunnel made it itself. */
function isTooBig(words: Int32Array, at: number): boolean {
  const type = (words[at + 3] as number) >>> 16;
  const protocolWord = words[at + 5] as number;
  if (type === EtherType.Ipv4) {
    return (protocolWord & 0xff) === IpProtocol.Icmpv4 && ((words[at + 8] as number) & 0xffff) === FRAGMENTATION_NEEDED;
  }
  if (type !== EtherType.Ipv6 || protocolWord >>> 24 !== IpProtocol.Icmpv6) return false;
  return (((words[at + 13] as number) >> 8) & 0xff) === icmpv6.Type.PacketTooBig;
}
