/**
 * Tunnels by number: (VNI, outer source, outer destination). Numbers are dense, in the order of first sight.
 */
import { Addresses, Family } from '../../inventory/addresses.js';
import { KeyTable } from '../../inventory/key-table.js';
import { i32 } from '../../wire/bytes.js';
import { destinationAt, sourceAt } from '../../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';
import { vni } from '../../wire/vxlan.js';

/** The most tunnels that are told apart. */
export const MAX_NUMBERED = 65_536;
const MAX_IPV6_ADDRESSES = 65_536;
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;

/** The tunnels that were seen. */
export class Tunnels {
  readonly #table: KeyTable;
  readonly #addresses: Addresses;
  /** VNIs in the order of first sight, and the place there of each; by tunnel, which each frame asks for, that of its VNI. */
  readonly #vnis: number[];
  readonly #vniPlaces: Map<number, number>;
  readonly #vniPlaceOf: Uint16Array;
  /** By sender, the number of its tunnel plus one; 0 where it was not asked for. */
  #ofSender: Int32Array;
  #refusedAgain = 0;

  constructor() {
    this.#table = new KeyTable(MAX_NUMBERED);
    this.#addresses = new Addresses(MAX_IPV6_ADDRESSES);
    this.#vnis = [];
    this.#vniPlaces = new Map();
    this.#vniPlaceOf = new Uint16Array(MAX_NUMBERED);
    this.#ofSender = new Int32Array(1024);
  }

  get size(): number {
    return this.#table.size;
  }

  /** Frames whose tunnel found no place any more. */
  get refused(): number {
    return this.#table.refused + this.#addresses.refused + this.#refusedAgain;
  }

  /** The number of the tunnel whose VXLAN header is the layer at `index`. @returns -1 where there is no place. **Cost** amortised no allocation. */
  number(stack: LayerStack, index: number): number {
    const { kinds, ats, view, bytes } = stack;
    let ip = index - 2;
    while (kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip--;
    const at = ats[ip] as number;
    const network = vni(bytes, ats[index] as number);
    if (kinds[ip] === LayerKind.Ipv4) {
      const source = view.getInt32(at + IPV4_SOURCE);
      return this.#row(network, Family.Ipv4, source, view.getInt32(at + IPV4_DESTINATION));
    }
    const source = this.#addresses.ipv6(bytes, sourceAt(bytes, at));
    const destination = this.#addresses.ipv6(bytes, destinationAt(bytes, at));
    return source < 0 || destination < 0 ? -1 : this.#row(network, Family.Ipv6, source, destination);
  }

  #row(network: number, family: number, source: number, destination: number): number {
    const before = this.#table.size;
    const tunnel = this.#table.row(network | (family << 24), source, destination, 0);
    if (tunnel === before) this.#vniPlaceOf[tunnel] = this.#placeVni(network);
    return tunnel;
  }

  #placeVni(network: number): number {
    const known = this.#vniPlaces.get(network);
    if (known !== undefined) return known;
    const place = this.#vnis.length;
    this.#vnis.push(network);
    this.#vniPlaces.set(network, place);
    return place;
  }

  /** As `number`, of a frame in one tunnel whose sender is known by a number of its own: it sends into that one only. */
  numberOfSender(sender: number, stack: LayerStack, index: number): number {
    if (sender >= this.#ofSender.length) this.#growTo(sender);
    const known = this.#ofSender[sender] as number;
    if (known !== 0) return known - 1;
    const tunnel = this.number(stack, index);
    this.#ofSender[sender] = tunnel + 1;
    return tunnel;
  }

  /** The number of the tunnel that `numberOfSender` found for a sender; -1 where there was no place, nor is any now. **Cost** no allocation. */
  ofSender(sender: number): number {
    const tunnel = (this.#ofSender[sender] ?? 0) - 1;
    if (tunnel < 0) this.#refusedAgain++;
    return tunnel;
  }

  #growTo(sender: number): void {
    const before = this.#ofSender;
    this.#ofSender = new Int32Array(1 << (32 - Math.clz32(sender)));
    this.#ofSender.set(before);
  }

  /** The number of a tunnel by its ends, 4 or 16 bytes each. @returns -1 where there is no place */
  numberOf(network: number, source: ArrayLike<number>, destination: ArrayLike<number>): number {
    const family = source.length === 4 ? Family.Ipv4 : Family.Ipv6;
    const [from, to] = [this.#address(source), this.#address(destination)];
    const refused = family === Family.Ipv6 && (from < 0 || to < 0);
    return refused ? -1 : this.#row(network, family, from, to);
  }

  #address(address: ArrayLike<number>): number {
    const bytes = Uint8Array.from(address);
    return bytes.length === 4 ? i32(bytes, 0) : this.#addresses.ipv6(bytes, 0);
  }

  /** The place of a tunnel's VNI among those that were seen: from 0. */
  vniPlace(tunnel: number): number {
    return this.#vniPlaceOf[tunnel] as number;
  }

  vni(tunnel: number): number {
    return this.#vnis[this.vniPlace(tunnel)] as number;
  }

  /** The tunnel the other way round. @returns -1 where none was seen */
  reverse(tunnel: number): number {
    const table = this.#table;
    const [a, b, c] = [table.word(tunnel, 0), table.word(tunnel, 1), table.word(tunnel, 2)];
    return table.find(a, c, b, 0);
  }

  /** What tells the VTEP that sends from others. */
  sender(tunnel: number): string {
    return this.#text(tunnel, 1);
  }

  /** The VTEP, or the group, that it sends to. */
  receiver(tunnel: number): string {
    return this.#text(tunnel, 2);
  }

  /** Whether it sends to a multicast group. */
  toGroup(tunnel: number): boolean {
    return this.#addresses.isMulticast(this.#table.word(tunnel, 0) >>> 24, this.#table.word(tunnel, 2));
  }

  #text(tunnel: number, word: 1 | 2): string {
    return this.#addresses.text(this.#table.word(tunnel, 0) >>> 24, this.#table.word(tunnel, word));
  }
}
