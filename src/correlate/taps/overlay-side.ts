/**
 * What is known of an overlay tap: which VNIs are its own, which way each tunnel leads, which VTEPs are behind it.
 */
import { MAX_NUMBERED, type Tunnels } from './tunnels.js';

/** Which way a tunnel leads, seen from an overlay tap. */
export const Direction = { Unknown: 0, Encap: 1, Decap: 2 } as const;
export type Direction = (typeof Direction)[keyof typeof Direction];

/** Frames of a further VNI, without a twin in a known one, that make it the tap's own. */
const SUSPICIONS = 8;

/** Answers that are kept. */
const Asked = { Never: 0, Yes: 1, No: 2 } as const;

/** Knowledge of one overlay tap. It carries no VNI itself: all of this is learnt, or given. */
export class OverlaySide {
  /** The tap's last frame so far. */
  lastFrame: number;
  readonly #tunnels: Tunnels;
  /** Its VNIs; null until some are known: then all may be its own. */
  #vnis: Set<number> | null;
  #given: boolean;
  readonly #suspicions: Map<number, number>;
  readonly #knownFrom: Map<number, number>;
  readonly #vteps: Set<string>;
  readonly #directions: Uint8Array;
  readonly #own: Uint8Array;
  /** By tunnel, once asked for. */
  readonly #involved: Uint8Array;

  constructor(tunnels: Tunnels) {
    this.lastFrame = 0;
    this.#tunnels = tunnels;
    this.#vnis = null;
    this.#given = false;
    this.#suspicions = new Map();
    this.#knownFrom = new Map();
    this.#vteps = new Set();
    this.#directions = new Uint8Array(MAX_NUMBERED);
    this.#own = new Uint8Array(MAX_NUMBERED);
    this.#involved = new Uint8Array(MAX_NUMBERED);
  }

  /** Its VNIs; null where none is known. */
  get vnis(): ReadonlySet<number> | null {
    return this.#vnis;
  }

  /** Says which VNIs are its own: frames of others are never paired with its frames. @param given nothing is learnt any more */
  ownVnis(vnis: ReadonlySet<number>, given: boolean): void {
    this.#vnis = new Set(vnis);
    this.#given = given;
    this.#own.fill(Asked.Never);
  }

  /** Notes that a frame had its only twin in a VNI that is not known to be its own. */
  suspect(vni: number): void {
    if (this.#given || this.#vnis === null) return;
    const suspicions = (this.#suspicions.get(vni) ?? 0) + 1;
    this.#suspicions.set(vni, suspicions);
    if (suspicions < SUSPICIONS) return;
    this.#vnis.add(vni);
    this.#knownFrom.set(vni, this.lastFrame);
    this.#own.fill(Asked.Never);
  }

  /** The last frame before a VNI was known to be its own: none until then can be called lost. */
  knownFrom(vni: number): number {
    return this.#knownFrom.get(vni) ?? 0;
  }

  /** Whether a tunnel is of one of its VNIs. **Cost** no allocation, save the first time. */
  owns(tunnel: number): boolean {
    const known = this.#own[tunnel] as number;
    if (known !== Asked.Never) return known === Asked.Yes;
    const own = this.ownsVni(this.#tunnels.vni(tunnel));
    this.#own[tunnel] = own ? Asked.Yes : Asked.No;
    return own;
  }

  /** Whether a VNI is one of its own, as far as known. */
  ownsVni(vni: number): boolean {
    return this.#vnis?.has(vni) ?? true;
  }

  /** Whether it is known to have a VNI in common with another overlay tap. */
  sharesVnis(other: OverlaySide): boolean {
    for (const vni of this.#vnis ?? []) if (other.#vnis?.has(vni)) return true;
    return false;
  }

  /** Which way a tunnel leads. **Cost** no allocation. */
  direction(tunnel: number): Direction {
    return this.#directions[tunnel] as Direction;
  }

  /** Learns which way a tunnel leads, and where `alone`, so by a frame that has no copies elsewhere, the VTEP behind this tap. */
  lead(tunnel: number, direction: Direction, alone: boolean): void {
    this.#directions[tunnel] = direction;
    if (!alone || (direction === Direction.Decap && this.#tunnels.toGroup(tunnel))) return;
    const vtep = direction === Direction.Encap ? this.#tunnels.sender(tunnel) : this.#tunnels.receiver(tunnel);
    if (this.#vteps.has(vtep)) return;
    this.#vteps.add(vtep);
    this.#involved.fill(Asked.Never);
  }

  /**
   * Whether a copy in this tunnel may be of a frame seen here: one of its VTEPs sends it or gets it. A copy for another
   * VTEP is none of this tap's business.
   */
  involves(tunnel: number): boolean {
    const known = this.#involved[tunnel] as number;
    if (known !== Asked.Never) return known === Asked.Yes;
    const involved =
      this.#vteps.size === 0 ||
      this.#tunnels.toGroup(tunnel) ||
      this.#vteps.has(this.#tunnels.sender(tunnel)) ||
      this.#vteps.has(this.#tunnels.receiver(tunnel));
    this.#involved[tunnel] = involved ? Asked.Yes : Asked.No;
    return involved;
  }

  /** VTEPs behind it, as far as known. */
  get vteps(): ReadonlySet<string> {
    return this.#vteps;
  }

  /** Whether a VTEP, by its address, is behind it. */
  isOwn(vtep: string): boolean {
    return this.#vteps.has(vtep);
  }

  /** Whether one of its VTEPs sends through this tunnel. */
  sends(tunnel: number): boolean {
    return this.#vteps.has(this.#tunnels.sender(tunnel));
  }
}
