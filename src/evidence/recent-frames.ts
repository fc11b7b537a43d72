/**
 * The last frames of a tap, found again by the start of the IP packet that they are: what an ICMP error quotes.
 */
import { LayerKind, type LayerStack } from '../wire/stack.js';

/** Frames that are kept, a power of two: an error comes within a round trip. They lie one behind the other, so that keeping one waits for nothing. */
const KEPT = 2048;
const IPV4_IDENTIFICATION = 4;
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const IPV4_LEN = 20;
const IPV6_LEN = 40;

/** Frames by addresses, identification and ports. */
export class RecentFrames {
  /** By two, oldest first from `#next` on: the key, and the frame's number. */
  readonly #kept: Int32Array;
  #next = 0;

  constructor() {
    this.#kept = new Int32Array(KEPT * 2);
  }

  /** Keeps a frame. @param index its outermost IP layer. **Cost** no allocation. */
  keep(frame: number, stack: LayerStack, index: number): void {
    const at = this.#next << 1;
    this.#kept[at] = keyOf(stack, index);
    this.#kept[at + 1] = frame;
    this.#next = (this.#next + 1) & (KEPT - 1);
  }

  /** The last frame that was the packet at `index`. @returns its number; 0 where none is known. **Cost** a look at all that are kept. */
  find(stack: LayerStack, index: number): number {
    const key = keyOf(stack, index);
    for (let back = 1; back <= KEPT; back++) {
      const at = ((this.#next - back) & (KEPT - 1)) << 1;
      if (this.#kept[at] === key) return this.#kept[at + 1] as number;
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
      Math.imul(view.getInt32(at + IPV4_SOURCE), 0x85ebca6b) ^
      Math.imul(view.getInt32(at + IPV4_DESTINATION), 0xc2b2ae35) ^
      Math.imul(view.getInt32(at + IPV4_IDENTIFICATION), 0x27d4eb2f);
    layer4 = at + IPV4_LEN;
  } else {
    for (let word = 8; word < IPV6_LEN; word += 4) key = mix(key, view.getInt32(at + word));
    layer4 = at + IPV6_LEN;
  }
  // Both ports; of an ICMP echo with its checksum.
  return mix(key, end - layer4 >= 4 ? view.getInt32(layer4) : 0);
}

function mix(key: number, value: number): number {
  const mixed = Math.imul(key ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
