/**
 * The last frames of a tap, found again by the start of the IP packet that they are: what an ICMP error quotes.
 */
import { LayerKind, type LayerStack } from '../wire/stack.js';
import {
  DESTINATION_FACTOR,
  KEPT,
  KEPT_AT,
  LINK_FACTOR,
  NEXT_KEPT,
  RECENT_FACTOR,
  SOURCE_FACTOR,
} from './plain-layout.js';

const IPV4_IDENTIFICATION = 4;
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const IPV4_LEN = 20;
const IPV6_LEN = 40;

/** Frames by addresses, identification and ports. They lie one behind the other, so that keeping one waits for nothing. */
export class RecentFrames {
  /** As `plain-layout` says, oldest first from the next on. */
  #kept: Int32Array;

  constructor() {
    this.#kept = new Int32Array(NEXT_KEPT + 1);
  }

  /** Lets the frames lie in this memory from now on, at `plain-layout`'s place. */
  moveTo(memory: ArrayBuffer): void {
    const kept = this.#kept;
    this.#kept = new Int32Array(memory, KEPT_AT, kept.length);
    this.#kept.set(kept);
  }

  /** Keeps a frame. @param index its outermost IP layer. **Cost** no allocation. */
  keep(frame: number, stack: LayerStack, index: number): void {
    const kept = this.#kept;
    const next = kept[NEXT_KEPT] as number;
    kept[next << 1] = keyOf(stack, index);
    kept[(next << 1) + 1] = frame;
    kept[NEXT_KEPT] = (next + 1) & (KEPT - 1);
  }

  /** The last frame that was the packet at `index`. @returns its number; 0 where none is known. **Cost** a look at all that are kept. */
  find(stack: LayerStack, index: number): number {
    const key = keyOf(stack, index);
    const kept = this.#kept;
    const next = kept[NEXT_KEPT] as number;
    for (let back = 1; back <= KEPT; back++) {
      const at = ((next - back) & (KEPT - 1)) << 1;
      if (kept[at] === key) return kept[at + 1] as number;
    }
    return 0;
  }
}

/** What stays the same on the way, and in a quotation: not TTL and checksum. Of IPv6, which has no number, the ports. */
function keyOf({ view, kinds, ats, ends }: LayerStack, index: number): number {
  const at = ats[index] as number;
  const end = ends[index] as number;
  let key = 0;
  let layer4 = 0;
  if (kinds[index] === LayerKind.Ipv4) {
    key =
      Math.imul(view.getInt32(at + IPV4_SOURCE, true), LINK_FACTOR) ^
      Math.imul(view.getInt32(at + IPV4_DESTINATION, true), SOURCE_FACTOR) ^
      Math.imul(view.getInt32(at + IPV4_IDENTIFICATION, true), DESTINATION_FACTOR);
    layer4 = at + IPV4_LEN;
  } else {
    for (let word = 8; word < IPV6_LEN; word += 4) key = mix(key, view.getInt32(at + word, true));
    layer4 = at + IPV6_LEN;
  }
  // Both ports; of an ICMP echo with its checksum.
  return mix(key, end - layer4 >= 4 ? view.getInt32(layer4, true) : 0);
}

function mix(key: number, value: number): number {
  const mixed = Math.imul(key ^ value, RECENT_FACTOR);
  return mixed ^ (mixed >>> 15);
}
