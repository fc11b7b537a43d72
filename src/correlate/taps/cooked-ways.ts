/**
 * Which way tunnels lead, as cooked captures (`any`) tell without any times: what a NIC got is for a VTEP of its host, and
 * what it sent is from one, as long as nothing passes through.
 */
import * as linuxSll from '../../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';
import { Direction } from './overlay-side.js';

/** The ways of some tunnels; unknown where frames do not agree. */
type Ways = Map<number, Direction>;

/** What cooked frames in tunnels tell. */
export class CookedWays {
  /** By tap. */
  readonly #ways: readonly Ways[];

  /** @param taps how many there are */
  constructor(taps: number) {
    this.#ways = Array.from({ length: taps }, () => new Map());
  }

  /** Takes in a frame in a tunnel. **Cost** amortised no allocation. */
  see(tap: number, tunnel: number, stack: LayerStack): void {
    const way = wayOf(stack);
    if (way !== null) agree(this.#ways[tap] as Ways, tunnel, way);
  }

  /** What taps tell together: tunnels whose way is known. **Cost** allocates. */
  of(taps: readonly number[]): ReadonlyMap<number, Direction> {
    const all: Ways = new Map();
    for (const tap of taps) for (const [tunnel, way] of this.#ways[tap] as Ways) agree(all, tunnel, way);
    return new Map([...all].filter(([, way]) => way !== Direction.Unknown));
  }
}

/** Unknown of a frame that a bridge passes on; null where nothing tells. */
function wayOf({ kinds, ats, bytes }: LayerStack): Direction | null {
  const at = ats[0] as number;
  let type = -1;
  if (kinds[0] === LayerKind.LinuxSll) type = linuxSll.packetType(bytes, at);
  else if (kinds[0] === LayerKind.LinuxSll2) type = linuxSll.packetType2(bytes, at);
  if (type === linuxSll.PacketType.Outgoing) return Direction.Encap;
  if (type === linuxSll.PacketType.ToUs) return Direction.Decap;
  return type === linuxSll.PacketType.ToOther ? Direction.Unknown : null;
}

function agree(ways: Ways, tunnel: number, way: Direction): void {
  ways.set(tunnel, (ways.get(tunnel) ?? way) === way ? way : Direction.Unknown);
}
