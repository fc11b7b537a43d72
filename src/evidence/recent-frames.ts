/**
 * The last frames of a tap, found again by the start of the IP packet that they are: what an ICMP error quotes.
 */
import { LayerKind, type LayerStack } from '../wire/stack.js';

/** Frames that are kept: a power of two. A newer frame may push an older one out. */
const SLOTS = 4096;
const IPV4_IDENTIFICATION = 4;
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const IPV4_LEN = 20;
const IPV6_LEN = 40;

/** Frames by addresses, identification and ports. */
export class RecentFrames {
  /** By two: the key, and the frame's number. */
  readonly #slots: Int32Array;

  constructor() {
    this.#slots = new Int32Array(SLOTS * 2);
  }

  /** Keeps a frame. @param index its outermost IP layer. **Cost** no allocation. */
  keep(frame: number, stack: LayerStack, index: number): void {
    const key = keyOf(stack, index);
    const slot = (key & (SLOTS - 1)) << 1;
    this.#slots[slot] = key;
    this.#slots[slot + 1] = frame;
  }

  /** The last frame that was the packet at `index`. @returns its number; 0 where none is known */
  find(stack: LayerStack, index: number): number {
    const key = keyOf(stack, index);
    const slot = (key & (SLOTS - 1)) << 1;
    return this.#slots[slot] === key ? (this.#slots[slot + 1] as number) : 0;
  }
}

/** What stays the same on the way, and in a quotation: not TTL and checksum. Of IPv6, which has no number, the ports. */
function keyOf({ view, kinds, ats, ends }: LayerStack, index: number): number {
  const at = ats[index] as number;
  const end = ends[index] as number;
  let key = 0;
  let layer4 = 0;
  if (kinds[index] === LayerKind.Ipv4) {
    key = mix(view.getInt32(at + IPV4_SOURCE), view.getInt32(at + IPV4_DESTINATION));
    key = mix(key, view.getInt32(at + IPV4_IDENTIFICATION));
    layer4 = at + IPV4_LEN;
  } else {
    for (let word = 8; word < IPV6_LEN; word += 4) key = mix(key, view.getInt32(at + word));
    layer4 = at + IPV6_LEN;
  }
  // Both ports; of an ICMP echo with its checksum.
  return end - layer4 >= 4 ? mix(key, view.getInt32(layer4)) : key;
}

function mix(key: number, value: number): number {
  const mixed = Math.imul(key ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
