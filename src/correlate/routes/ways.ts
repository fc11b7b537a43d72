/**
 * Ways: through which tunnel frames from one MAC to another go, and past which endpoints. Not all that saw some of them are
 * on their way: a bridge floods what is for a MAC that it has not learnt, into tunnels to all VTEPs and to the ports of all
 * VMs, which get nothing of what follows; and the underlay may have several ways.
 */
import { isGroupMac } from '../../wire/address.js';
import type { Points } from '../taps/points.js';
import type { Presence } from '../taps/presence.js';
import type { Tunnels } from '../taps/tunnels.js';
import type { Absentees } from './absentees.js';
import { End, type Ends } from './ends.js';

/** Frames between two MACs in a tunnel that were seen at the same endpoints. */
export interface View {
  readonly count: number;
  /** The endpoints, as bits. */
  readonly seen: number;
  /** When they were seen; undefined where everybody saw them. */
  readonly frames: Absentees | undefined;
}

/** All frames from one MAC to another in a tunnel. */
export interface Talk {
  readonly source: number;
  readonly destination: number;
  /** -1 of frames that were seen bare only. */
  readonly tunnel: number;
  readonly views: readonly View[];
  /** The endpoints that saw any of them, as bits. */
  readonly seen: number;
}

/** How many of some frames an endpoint saw, and how many it lacks though it was capturing. */
interface Tally {
  saw: number;
  lacks: number;
}

/** What tells ways. */
export interface WayParts {
  readonly points: Points;
  readonly tunnels: Tunnels;
  readonly ends: Ends;
  /** By tap. */
  readonly presences: readonly Presence[];
}

/** The tunnel of frames that were seen bare only. */
const BARE = -1;
/** Of frames that do not show their MACs. */
const NO_MAC = 0;
/** What a MAC's own tap sees at least of what it sends: all, but for what the capture drops. */
const LEAST_SENT = 0.9;
/** What a place sees at least of what is for a MAC behind it. */
const LEAST_CAME = 0.5;

/** Finds ways by all that was seen. */
export class Ways {
  readonly #parts: WayParts;
  /** By MAC and VNI, the talks in which it sends to another one, no group. */
  readonly #sent: Map<string, Talk[]>;
  /** By MAC and VNI, VTEPs that send what it sends. */
  readonly #vteps: Map<string, Set<string>>;
  /** By MACs, talks that were seen in a tunnel. */
  readonly #inTunnels: Map<string, Talk[]>;
  /** By endpoint, those that saw a frame that it saw, as bits. */
  readonly #together: Map<number, number>;
  /** By MAC and VNI, and by overlay endpoint, whether the MAC is behind that. */
  readonly #homes: Map<string, Map<number, boolean | null>>;
  /** By talk of bare frames, the one in the tunnel that they should have taken. */
  readonly #towards: Map<Talk, Talk | null>;
  /** By talk, overlay endpoints that are not on its way, as bits. */
  readonly #hearers: Map<Talk, number>;

  constructor(parts: WayParts, talks: Iterable<Talk>) {
    this.#parts = parts;
    this.#sent = new Map();
    this.#vteps = new Map();
    this.#inTunnels = new Map();
    this.#together = new Map();
    this.#homes = new Map();
    this.#towards = new Map();
    this.#hearers = new Map();
    for (const talk of talks) this.#add(talk);
  }

  #add(talk: Talk): void {
    const { source, destination, tunnel, views } = talk;
    for (const { seen } of views) {
      for (const endpoint of endpointsOf(seen)) {
        this.#together.set(endpoint, (this.#together.get(endpoint) ?? 0) | seen);
      }
    }
    if (tunnel >= 0) {
      valueAt(this.#vteps, this.#memberOf(source, tunnel), () => new Set<string>()).add(
        this.#parts.tunnels.sender(tunnel),
      );
      valueAt(this.#inTunnels, macsOf(talk), () => []).push(talk);
    }
    if (!isGroupMac(destination)) valueAt(this.#sent, this.#memberOf(source, tunnel), () => []).push(talk);
  }

  /**
   * The talk whose way some frames took, or should have taken: their own, if it is in a tunnel.
   *
   * @param seen endpoints that saw them, as bits
   * @returns null where nothing tells
   */
  of(talk: Talk, seen: number): Talk | null {
    if (talk.tunnel >= 0) return talk;
    const towards = valueAt(this.#towards, talk, () => this.#findTowards(talk));
    if (towards === null || talk.destination === NO_MAC || !isGroupMac(talk.destination)) return towards;
    const isHome = (endpoint: number): boolean | null => this.#isHome(talk.source, endpoint, towards.tunnel);
    return endpointsOf(seen).some(isHome) ? towards : null;
  }

  #findTowards(talk: Talk): Talk | null {
    const { destination } = talk;
    const { tunnels } = this.#parts;
    const inTunnels = this.#inTunnels.get(macsOf(talk)) ?? [];
    const towards = inTunnels.filter(({ tunnel }) => this.#vtepOf(destination, tunnel) === tunnels.receiver(tunnel));
    if (towards.length > 0) return onlyOf(towards);
    const only = onlyOf(inTunnels);
    if (only === null || destination === NO_MAC || isGroupMac(destination)) return only;
    const isLocal = this.#vtepOf(destination, only.tunnel) === tunnels.sender(only.tunnel);
    return !isLocal && this.#wentOn(only, talk) ? only : null;
  }

  /** The one VTEP that sends what a MAC sends, in the network of a tunnel; null where there is none, or there are several. */
  #vtepOf(mac: number, tunnel: number): string | null {
    const [only, ...others] = this.#vteps.get(this.#memberOf(mac, tunnel)) ?? [];
    return only === undefined || others.length > 0 ? null : only;
  }

  /** Of a MAC, in the network of a tunnel: in that of another one it is another. */
  #memberOf(mac: number, tunnel: number): string {
    return `${mac} ${tunnel < 0 ? '' : this.#parts.tunnels.vni(tunnel)}`;
  }

  /** Whether most frames of a talk that underlay taps should have seen came past them: else the tunnel may have had but copies. */
  #wentOn(inTunnel: Talk, bare: Talk): boolean {
    const underlays = endpointsOf(inTunnel.seen).filter((endpoint) => !isOverlay(endpoint));
    return underlays.every((endpoint) => sawMost(LEAST_CAME, [this.#tally([inTunnel, bare], endpoint)]) ?? true);
  }

  /**
   * Endpoints on the way of some frames.
   *
   * @param talk the one whose way they should have taken
   * @param seen endpoints that saw them, as bits
   * @returns bits
   *
   * **Cost** allocates.
   */
  endpoints(talk: Talk, seen: number): number {
    const all = talk.seen;
    const { ends } = this.#parts;
    let bystanders = valueAt(this.#hearers, talk, () => this.#hearersOf(talk));
    for (const other of endpointsOf(seen)) {
      // No frame ever came past both.
      for (const endpoint of endpointsOf(all & ~(this.#together.get(other) ?? 0))) {
        if (this.#areTwoWays(talk.tunnel, other, endpoint)) bystanders |= 1 << endpoint;
      }
    }
    const onWay = all & ~bystanders;
    if ((onWay & seen) !== 0) return onWay;
    // A tap that lacks some of what its MACs send is all there is to show that these were sent.
    return endpointsOf(seen & all)
      .filter((endpoint) => ends.of(talk.tunnel, endpoint) === End.OverlayIn)
      .reduce((bits, endpoint) => bits | (1 << endpoint), onWay);
  }

  /** Whether endpoints that have no frame in common lie side by side: in the underlay, or at interfaces of one tap. */
  #areTwoWays(tunnel: number, a: number, b: number): boolean {
    const { ends, points } = this.#parts;
    if (ends.of(tunnel, a) !== ends.of(tunnel, b)) return false;
    return isOverlay(a) || isOverlay(b) ? points.tap(a >> 1) === points.tap(b >> 1) : true;
  }

  #hearersOf(talk: Talk): number {
    let hearers = 0;
    for (const endpoint of endpointsOf(talk.seen)) {
      if (isOverlay(endpoint) && !this.#isOnWay(talk, endpoint)) hearers |= 1 << endpoint;
    }
    return hearers;
  }

  #isOnWay(talk: Talk, endpoint: number): boolean {
    const { source, destination, tunnel } = talk;
    // What is flooded comes to all, but for what a bridge says itself, at one port or into the tunnel.
    if (isGroupMac(destination)) return source === NO_MAC || this.#sendsToOne(source, tunnel);
    const mac = this.#parts.ends.of(tunnel, endpoint) === End.OverlayOut ? destination : source;
    if (mac === NO_MAC) return true;
    // Of a MAC that sends nothing the most that there is to say is that what is for it goes on coming here.
    return this.#isHome(mac, endpoint, tunnel) ?? sawMost(LEAST_CAME, [this.#tally([talk], endpoint)]) ?? true;
  }

  /** Whether a MAC is behind an overlay endpoint: by what it sends to others than groups; null where it sends nothing. */
  #isHome(mac: number, endpoint: number, tunnel: number): boolean | null {
    const homes = valueAt(this.#homes, this.#memberOf(mac, tunnel), () => new Map<number, boolean | null>());
    return valueAt(homes, endpoint, () => this.#findHome(mac, endpoint, tunnel));
  }

  #findHome(mac: number, endpoint: number, tunnel: number): boolean | null {
    const byReceiver = new Map<number, Talk[]>();
    for (const member of new Set([this.#memberOf(mac, tunnel), this.#memberOf(mac, BARE)])) {
      for (const talk of this.#sent.get(member) ?? []) valueAt(byReceiver, talk.destination, () => []).push(talk);
    }
    const tallies = [...byReceiver.values()].map((talks) => this.#tally(talks, endpoint));
    const sawSent = sawMost(LEAST_SENT, tallies);
    if (sawSent !== true) return sawSent;
    // Whoever gets most of what it sends sees that, too, but not what is for others.
    const sawOf = tallies.map((tally) => sawMost(LEAST_CAME, [tally])).filter((saw) => saw !== null);
    return sawOf.filter((saw) => saw).length * 2 > sawOf.length;
  }

  /** Whether a MAC sends anything to others than groups, in the network of a tunnel, as far as is known. */
  #sendsToOne(mac: number, tunnel: number): boolean {
    return this.#sent.has(this.#memberOf(mac, tunnel)) || this.#sent.has(this.#memberOf(mac, BARE));
  }

  #tally(talks: readonly Talk[], endpoint: number): Tally {
    const { points, presences } = this.#parts;
    const presence = presences[points.tap(endpoint >> 1)] as Presence;
    const tally = { saw: 0, lacks: 0 };
    for (const { views } of talks) {
      for (const { count, seen, frames } of views) {
        if ((seen & (1 << endpoint)) !== 0) tally.saw += count;
        else tally.lacks += frames?.countWhile(presence, count) ?? 0;
      }
    }
    return tally;
  }
}

/** Whether an endpoint saw more than a share of some frames; null where there were none. */
function sawMost(share: number, tallies: readonly Tally[]): boolean | null {
  let [saw, all] = [0, 0];
  for (const tally of tallies) {
    saw += tally.saw;
    all += tally.saw + tally.lacks;
  }
  return all === 0 ? null : saw > all * share;
}

function valueAt<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** The one of a list that has one. */
function onlyOf(talks: readonly Talk[]): Talk | null {
  return talks.length === 1 ? (talks[0] as Talk) : null;
}

function macsOf({ source, destination }: Talk): string {
  return `${source} ${destination}`;
}

function isOverlay(endpoint: number): boolean {
  return (endpoint & 1) === 0;
}

/** The endpoints that are bits of an integer, in order. **Cost** allocates. */
export function endpointsOf(bits: number): number[] {
  const endpoints: number[] = [];
  for (let left = bits; left !== 0; left &= left - 1) endpoints.push(31 - Math.clz32(left & -left));
  return endpoints;
}
