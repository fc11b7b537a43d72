/**
 * Points: the places at which frames are seen. A tap is one point, unless its capture tells several interfaces apart:
 * then each interface is one, and each way through it, so that an `any` capture's copies of a frame are hops.
 *
 * An endpoint is a point and what was seen there: `point * 2` of bare frames, `point * 2 + 1` of encapsulations.
 */
import { KeyTable } from '../../inventory/key-table.js';
import * as linuxSll from '../../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';

/** The most points that are told apart; what comes after is its tap's first one. */
export const MAX_POINTS = 256;
/** No interface: of a capture whose frames do not tell. */
export const NO_INTERFACE = -1;

/** The points of a run, by number, in the order of first sight: a tap's first one has its tap's number. */
export class Points {
  readonly #table: KeyTable;
  readonly #taps: Uint16Array;
  readonly #count: number;

  /** @param taps how many there are */
  constructor(taps: number) {
    this.#table = new KeyTable(taps + MAX_POINTS);
    this.#taps = new Uint16Array(taps + MAX_POINTS);
    this.#count = taps;
    for (let tap = 0; tap < taps; tap++) this.#taps[this.#table.row(tap, NO_INTERFACE, 0, 0)] = tap;
  }

  /** Whether a tap has several. */
  get areSeveral(): boolean {
    return this.#table.size > this.#count;
  }

  /** The point at which a tap saw a frame. @param interfaceId of the capture. **Cost** amortised no allocation. */
  of(tap: number, interfaceId: number, stack: LayerStack): number {
    if (stack.kinds[0] !== LayerKind.LinuxSll2) return this.at(tap, interfaceId, NO_INTERFACE, false);
    const at = stack.ats[0] as number;
    return this.at(tap, interfaceId, linuxSll.interfaceIndex(stack.bytes, at), isOutgoing(stack));
  }

  /** The same by what a frame tells. @param interfaceIndex the kernel's; `NO_INTERFACE` where it does not tell */
  at(tap: number, interfaceId: number, interfaceIndex: number, outgoing: boolean): number {
    if (interfaceIndex === NO_INTERFACE && interfaceId === 0) return tap;
    const before = this.#table.size;
    const point = this.#table.row(tap, interfaceIndex, interfaceId, outgoing ? 1 : 0);
    if (point < 0) return tap;
    if (point === before) this.#taps[point] = tap;
    return point;
  }

  /** The tap of a point. */
  tap(point: number): number {
    return this.#taps[point] as number;
  }

  /** What tells a point from others of its tap; empty where nothing does. */
  suffix(point: number): string {
    const index = this.#table.word(point, 1);
    const interfaceId = this.#table.word(point, 2);
    if (index !== NO_INTERFACE) return `%${index >>> 0} ${this.#table.word(point, 3) === 1 ? 'out' : 'in'}`;
    return interfaceId > 0 ? `%${interfaceId}` : '';
  }
}

/** Whether the host sent a cooked frame: all other types are ways in. */
export function isOutgoing({ bytes, ats }: LayerStack): boolean {
  return linuxSll.packetType2(bytes, ats[0] as number) === linuxSll.PacketType.Outgoing;
}
