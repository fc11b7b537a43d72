/**
 * A first look at some thousand frames of each tap, before they are read side by side: frames that were seen once at an
 * overlay tap and once at an underlay tap tell which VNIs are whose, which way tunnels lead, and what the clocks differ by.
 */
import { isVxlan, type LayerStack } from '../../wire/stack.js';
import { vniValid } from '../../wire/vxlan.js';
import { Flag, IDENTITY_WORDS, Identity, isArp } from '../identity/identity.js';
import {
  areOfOneHost,
  type ClockedTap,
  type Comparison,
  clockDifference,
  clockOffsets,
  LONGEST_LATENCY_NS,
  median,
} from './clock-offsets.js';
import { CookedWays } from './cooked-ways.js';
import { type Difference, withoutDrift } from './drift.js';
import { Direction } from './overlay-side.js';
import { Points } from './points.js';
import type { Tunnels } from './tunnels.js';

/** Frames of a tap that a first look takes in. */
export const FIRST_LOOK_FRAMES = 8192;
/** Pairs of a tunnel that are kept, the first ones: a clock that drifts is to be known as it is at the start. */
const MAX_DIFFERENCES = 64;

const NOTHING_SHOWN: ReadonlyMap<number, Direction> = new Map();
/** Identities with one key that are told apart: more are too much alike to tell anything. */
const MAX_ALIKE = 16;

/** What was seen of one identity at one tap. */
interface Seen {
  /** By what is there of every frame, and of all that is there of this one. */
  readonly key: number;
  readonly hash: number;
  /** Another identity of this key, and how many these are. */
  readonly next: Seen | undefined;
  readonly alike: number;
  /** How often, at the point of the tap that saw it first: others see the same frame again. */
  count: number;
  readonly point: number;
  timeNs: number;
  tunnel: number;
  /** -1 where it was seen in several. */
  vni: number;
  readonly toGroup: boolean;
  readonly isArp: boolean;
}

/** What a first look found out of an overlay tap. */
export interface OverlayFindings {
  /** Empty where nothing tells. */
  readonly vnis: ReadonlySet<number>;
  /** Which way tunnels lead. */
  readonly directions: ReadonlyMap<number, Direction>;
  /** By underlay tap: latencies of pairs, corrected. */
  readonly latencies: readonly {
    readonly underlay: number;
    readonly direction: Direction;
    readonly latencyNs: number;
  }[];
}

/** A tap as a first look knows it. */
export interface LookedTap extends ClockedTap {
  readonly overlay: boolean;
  readonly underlay: boolean;
}

/** Gathers identities, then compares taps. */
export class FirstLook {
  readonly #tunnels: Tunnels;
  readonly #points: Points;
  readonly #identity: Identity;
  /** By tap and key. */
  readonly #bare: Map<number, Seen>[];
  readonly #encapsulated: Map<number, Seen>[];
  readonly #cookedWays: CookedWays;
  /** Whether frames were cut: another tap may have kept more of them. */
  #areCut = false;

  constructor(taps: number, tunnels: Tunnels) {
    this.#tunnels = tunnels;
    this.#points = new Points(taps);
    this.#identity = new Identity();
    this.#bare = Array.from({ length: taps }, () => new Map());
    this.#encapsulated = Array.from({ length: taps }, () => new Map());
    this.#cookedWays = new CookedWays(taps);
  }

  /** Takes in a frame. @param timeNs by the tap's own clock. **Cost** allocates: for some thousand frames only. */
  add(tap: number, timeNs: number, stack: LayerStack): void {
    const point = this.#points.of(tap, 0, stack);
    if (stack.isCut) this.#areCut = true;
    if (this.#identity.read(stack, 0)) this.#note(this.#bare[tap] as Map<number, Seen>, point, timeNs, -1, -1);
    for (let index = 2; index <= stack.tunnelIndex; index++) {
      if (!isVxlan(stack.kinds[index]) || !vniValid(stack.bytes, stack.layerAt(index))) continue;
      const tunnel = this.#tunnels.number(stack, index);
      if (tunnel < 0) continue;
      this.#cookedWays.see(tap, tunnel, stack);
      if (!this.#identity.read(stack, index + 1)) continue;
      const seen = this.#encapsulated[tap] as Map<number, Seen>;
      this.#note(seen, point, timeNs, tunnel, this.#tunnels.vni(tunnel));
    }
  }

  /**
   * Compares taps, once: what was gathered is let go.
   *
   * @returns by tap: what its clock is ahead of the first tap's, ns; two taps each, whose clocks frames both ways compared;
   * and what was found of overlay taps
   */
  compare(taps: readonly LookedTap[]): {
    offsetsNs: number[];
    compared: [number, number][];
    overlays: (OverlayFindings | null)[];
  } {
    const vnis = taps.map((tap, index) => (tap.overlay ? this.#vnisOf(index, taps) : null));
    const shown = taps.map((_, index) => this.#shownTo(index, taps));
    const compared: Comparison[] = [];
    taps.forEach((overlayTap, overlay) => {
      if (!overlayTap.overlay) return;
      const own = vnis[overlay] as ReadonlySet<number>;
      const differences = taps.map((tap, underlay) =>
        tap.underlay ? this.#differences(overlay, underlay, own, areOfOneHost(overlayTap, tap), taps) : null,
      );
      const vteps = this.#vtepsBehind(differences);
      differences.forEach((byTunnel, underlay) => {
        if (byTunnel === null) return;
        // What is sent to a MAC that nobody has learnt is flooded: its copies for others are none of this tap's.
        for (const tunnel of byTunnel.keys()) if (!this.#isOf(tunnel, vteps)) byTunnel.delete(tunnel);
        const leads = this.#leads(byTunnel, shown[overlay] as ReadonlyMap<number, Direction>);
        compared.push({ overlay, underlay, byTunnel, leads, ...clockDifference(byTunnel, leads) });
      });
    });
    // Behind those of overlay taps: of what tells as much the nearer one comes first.
    const clocks = [...compared, ...this.#betweenUnderlays(taps)];
    const offsetsNs = clockOffsets(taps, clocks);
    const overlays = taps.map((tap, index) => {
      if (!tap.overlay) return null;
      const directions = new Map(shown[index]);
      const latencies: { underlay: number; direction: Direction; latencyNs: number }[] = [];
      for (const { overlay, underlay, byTunnel, leads } of compared) {
        if (overlay !== index) continue;
        const aheadNs = (offsetsNs[underlay] as number) - (offsetsNs[overlay] as number);
        const isLocal = areOfOneHost(tap, taps[underlay] as LookedTap);
        for (const [tunnel, differences] of byTunnel) {
          const direction = leads.get(tunnel) ?? directionOf(median(differences) - aheadNs);
          // Two directions at once say more than the sign of one, and so does one clock.
          if (leads.has(tunnel) || isLocal || !directions.has(tunnel)) directions.set(tunnel, direction);
          for (const difference of differences) {
            const latencyNs = direction === Direction.Encap ? difference - aheadNs : aheadNs - difference;
            latencies.push({ underlay, direction, latencyNs });
          }
        }
      }
      return { vnis: vnis[index] as ReadonlySet<number>, directions, latencies };
    });
    // The run that follows is long, and needs none of this.
    for (const seen of [...this.#bare, ...this.#encapsulated]) seen.clear();
    const bothWays = clocks.filter(({ isBothWays }) => isBothWays);
    return { offsetsNs, compared: bothWays.map(({ overlay, underlay }) => [overlay, underlay]), overlays };
  }

  /** VNIs of frames that were seen bare once at `overlay`, and encapsulated in that VNI alone; without any, of those that came again. */
  #vnisOf(overlay: number, taps: readonly LookedTap[]): Set<number> {
    const vnis = new Set<number>();
    const ofRepeated = new Set<number>();
    const here = this.#bare[overlay] as Map<number, Seen>;
    for (const seen of allIn(here)) {
      let only = -1;
      let several = false;
      taps.forEach((tap, index) => {
        const there = tap.underlay ? this.#twin(seen, here, this.#encapsulated[index] as Map<number, Seen>) : undefined;
        if (there === undefined) return;
        if (there.vni < 0 || (only >= 0 && only !== there.vni)) several = true;
        only = there.vni;
      });
      if (only >= 0 && !several) (seen.count > 1 ? ofRepeated : vnis).add(only);
    }
    return vnis.size > 0 ? vnis : ofRepeated;
  }

  /** Time differences of frames seen once at both taps, by tunnel. Elsewhere, a frame to a group may be a copy for others. */
  #differences(
    overlay: number,
    underlay: number,
    vnis: ReadonlySet<number>,
    local: boolean,
    taps: readonly LookedTap[],
  ): Map<number, number[]> {
    const byTunnel = new Map<number, Difference[]>();
    const here = this.#bare[overlay] as Map<number, Seen>;
    const there = this.#encapsulated[underlay] as Map<number, Seen>;
    for (const seen of allIn(here)) {
      const twin = seen.count === 1 ? this.#twin(seen, here, there) : undefined;
      if (twin === undefined || twin.count > 1 || !vnis.has(twin.vni)) continue;
      if (twin.toGroup && (!local || this.#wasHeardBeside(overlay, seen, taps))) continue;
      // The same hosts ask the same every time: far apart, it need not be one run.
      if (twin.isArp && Math.abs(twin.timeNs - seen.timeNs) > LONGEST_LATENCY_NS) continue;
      addDifference(byTunnel, seen, twin);
    }
    return withoutDrift(byTunnel);
  }

  /** The VTEPs behind an overlay tap, as frames both ways tell: those out come later at the underlay than those back. */
  #vtepsBehind(differences: readonly (ReadonlyMap<number, readonly number[]> | null)[]): Set<string> {
    const vteps = new Set<string>();
    for (const byTunnel of differences) {
      for (const [tunnel, there] of byTunnel ?? []) {
        const back = byTunnel?.get(this.#tunnels.reverse(tunnel));
        if (back !== undefined && median(there) > median(back)) vteps.add(this.#tunnels.sender(tunnel));
      }
    }
    return vteps;
  }

  /** Whether a tunnel leads from or to one of these VTEPs, as far as any are known. */
  #isOf(tunnel: number, vteps: ReadonlySet<string>): boolean {
    return vteps.size === 0 || vteps.has(this.#tunnels.sender(tunnel)) || vteps.has(this.#tunnels.receiver(tunnel));
  }

  /** Whether an overlay tap of the same host saw a frame before: it may have come from there, not out of the tunnel. */
  #wasHeardBeside(overlay: number, seen: Seen, taps: readonly LookedTap[]): boolean {
    const own = taps[overlay] as LookedTap;
    const here = this.#bare[overlay] as Map<number, Seen>;
    return taps.some((tap, other) => {
      if (!areOfOneHost(tap, own) || other === overlay) return false;
      const there = this.#twin(seen, here, this.#bare[other] as Map<number, Seen>);
      return there !== undefined && there.timeNs < seen.timeNs;
    });
  }

  /** The same of underlay taps of two hosts, each with each one behind it in order: the first stands for the overlay. */
  #betweenUnderlays(taps: readonly LookedTap[]): Comparison[] {
    const compared: Comparison[] = [];
    for (let near = 0; near < taps.length; near++) {
      for (let far = near + 1; far < taps.length; far++) {
        if (areOfOneHost(taps[near] as LookedTap, taps[far] as LookedTap)) continue;
        const found = new Map<number, Difference[]>();
        const here = this.#encapsulated[near] as Map<number, Seen>;
        const there = this.#encapsulated[far] as Map<number, Seen>;
        for (const seen of allIn(here)) {
          const twin = seen.count === 1 ? this.#twin(seen, here, there) : undefined;
          if (twin === undefined || twin.count > 1 || twin.tunnel !== seen.tunnel) continue;
          if (twin.isArp && Math.abs(twin.timeNs - seen.timeNs) > LONGEST_LATENCY_NS) continue;
          addDifference(found, seen, twin);
        }
        const byTunnel = withoutDrift(found);
        const leads = this.#leads(byTunnel, NOTHING_SHOWN);
        compared.push({ overlay: near, underlay: far, byTunnel, leads, ...clockDifference(byTunnel, leads) });
      }
    }
    return compared;
  }

  /**
   * Which way tunnels lead, as far as they tell together: all have the VTEP behind the overlay tap at one end. Of two
   * opposite tunnels alone, the one in which the underlay comes later is the way out.
   *
   * @param shown which way cooked frames went: that needs no times
   */
  #leads(byTunnel: ReadonlyMap<number, number[]>, shown: ReadonlyMap<number, Direction>): Map<number, Direction> {
    const leads = new Map<number, Direction>();
    let common: Set<string> | null = null;
    for (const tunnel of byTunnel.keys()) {
      const ends = [this.#tunnels.sender(tunnel), this.#tunnels.receiver(tunnel)];
      common = new Set(ends.filter((end) => common?.has(end) ?? true));
    }
    const [own, other] = [...(common ?? [])];
    for (const [tunnel, differences] of byTunnel) {
      const reverse = byTunnel.get(this.#tunnels.reverse(tunnel));
      const way = shown.get(tunnel);
      if (way !== undefined) {
        leads.set(tunnel, way);
      } else if (own !== undefined && other === undefined) {
        leads.set(tunnel, this.#tunnels.sender(tunnel) === own ? Direction.Encap : Direction.Decap);
      } else if (own !== undefined && reverse !== undefined) {
        leads.set(tunnel, median(differences) > median(reverse) ? Direction.Encap : Direction.Decap);
      }
    }
    return leads;
  }

  /** Which way tunnels lead from an overlay tap, as cooked captures of its host show it, its own among them. */
  #shownTo(overlay: number, taps: readonly LookedTap[]): ReadonlyMap<number, Direction> {
    const own = taps[overlay] as LookedTap;
    return this.#cookedWays.of(
      [...taps.keys()].filter((tap) => tap === overlay || areOfOneHost(taps[tap] as LookedTap, own)),
    );
  }

  #note(all: Map<number, Seen>, point: number, timeNs: number, tunnel: number, vni: number): void {
    const { key, flags, words, at } = this.#identity;
    const hash = this.#hash();
    const next = all.get(key);
    const known = sameOf(next, hash);
    if (known === undefined) {
      const alike = (next?.alike ?? 0) + 1;
      if (alike > MAX_ALIKE) return;
      const toGroup = (flags & Flag.ToGroup) !== 0;
      all.set(key, { key, hash, next, alike, count: 1, point, timeNs, tunnel, vni, toGroup, isArp: isArp(words, at) });
    } else if (known.point === point) {
      known.count++;
      if (known.vni !== vni) known.vni = -1;
    }
  }

  /** What was seen of an identity elsewhere. Where frames were cut it is the one of its key, if there is no other here or there. */
  #twin({ key, hash }: Seen, here: ReadonlyMap<number, Seen>, there: ReadonlyMap<number, Seen>): Seen | undefined {
    const first = there.get(key);
    if (!this.#areCut) return sameOf(first, hash);
    return here.get(key)?.alike === 1 && first?.alike === 1 ? first : undefined;
  }

  #hash(): number {
    const { words } = this.#identity;
    let hash = 0;
    for (let word = 3; word < IDENTITY_WORDS; word++) {
      hash = Math.imul(hash ^ (words[word] as number), 0x85ebca6b);
      hash ^= hash >>> 13;
    }
    return hash;
  }
}

/** All that was seen. */
function* allIn(all: ReadonlyMap<number, Seen>): Generator<Seen, void, undefined> {
  for (const first of all.values()) for (let seen: Seen | undefined = first; seen; seen = seen.next) yield seen;
}

/** The one of an identity, of those of its key. */
function sameOf(first: Seen | undefined, hash: number): Seen | undefined {
  let seen = first;
  while (seen !== undefined && seen.hash !== hash) seen = seen.next;
  return seen;
}

/** Adds how much later a frame was seen there than here, if its tunnel lacks some. */
function addDifference(byTunnel: Map<number, Difference[]>, here: Seen, there: Seen): void {
  const differences = byTunnel.get(there.tunnel) ?? [];
  byTunnel.set(there.tunnel, differences);
  if (differences.length === MAX_DIFFERENCES) return;
  differences.push({ timeNs: here.timeNs, ns: there.timeNs - here.timeNs });
}

function directionOf(underlayMinusOverlayNs: number): Direction {
  return underlayMinusOverlayNs >= 0 ? Direction.Encap : Direction.Decap;
}
