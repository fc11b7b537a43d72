/**
 * IP addresses of both families as one integer each, so that they fit a `KeyTable`'s key: IPv4 as it is, IPv6 by the
 * number under which it was first seen.
 */
import { ipv4Text, ipv6Text, isIpv4Multicast } from '../wire/address.js';
import { i32 } from '../wire/bytes.js';
import { KeyTable } from './key-table.js';

/** Families, as they stand in keys. */
export const Family = { Ipv4: 0, Ipv6: 1 } as const;
export type Family = (typeof Family)[keyof typeof Family];

/** The IPv6 addresses that were seen. */
export class Addresses {
  readonly #ipv6: KeyTable;

  /** @param limit the most IPv6 addresses it will hold */
  constructor(limit: number) {
    this.#ipv6 = new KeyTable(limit);
  }

  /** IPv6 addresses that found no place any more. */
  get refused(): number {
    return this.#ipv6.refused;
  }

  /** The integer of the IPv6 address whose 16 bytes start at `at`. @returns 0 and up; -1 where there is no place. */
  ipv6(bytes: Uint8Array, at: number): number {
    return this.#ipv6.row(i32(bytes, at), i32(bytes, at + 4), i32(bytes, at + 8), i32(bytes, at + 12));
  }

  /** An address as text. **Cost** allocates. */
  text(family: number, address: number): string {
    return family === Family.Ipv4 ? ipv4Text(address) : ipv6Text(this.#bytes(address), 0);
  }

  /** Gives addresses as text, and the same string for the same address: for lists that name one over and over. **Cost** keeps them. */
  texts(): (family: number, address: number) => string {
    const known = [new Map<number, string>(), new Map<number, string>()] as const;
    return (family, address) => {
      const texts = known[family as Family];
      const text = texts.get(address) ?? this.text(family, address);
      texts.set(address, text);
      return text;
    };
  }

  /** Whether an address is multicast. */
  isMulticast(family: number, address: number): boolean {
    return family === Family.Ipv4 ? isIpv4Multicast(address) : this.#ipv6.word(address, 0) >>> 24 === 0xff;
  }

  /** Whether an IPv6 address is the unspecified one, `::`. */
  isUnspecified(address: number): boolean {
    const table = this.#ipv6;
    return (table.word(address, 0) | table.word(address, 1) | table.word(address, 2) | table.word(address, 3)) === 0;
  }

  /** By number of an IPv6 address, how many come before it. **Cost** allocates. */
  ipv6Ranks(): Int32Array {
    const ordered = Int32Array.from({ length: this.#ipv6.size }, (_, address) => address);
    ordered.sort((a, b) => this.compare(Family.Ipv6, a, Family.Ipv6, b));
    const ranks = new Int32Array(ordered.length);
    for (const [rank, address] of ordered.entries()) ranks[address] = rank;
    return ranks;
  }

  /** Orders addresses as numbers, IPv4 first. @returns negative, 0 or positive. */
  compare(familyA: number, a: number, familyB: number, b: number): number {
    if (familyA !== familyB) return familyA - familyB;
    if (familyA === Family.Ipv4) return (a >>> 0) - (b >>> 0);
    for (const word of [0, 1, 2, 3] as const) {
      const difference = (this.#ipv6.word(a, word) >>> 0) - (this.#ipv6.word(b, word) >>> 0);
      if (difference !== 0) return difference;
    }
    return 0;
  }

  #bytes(address: number): Uint8Array {
    const view = new DataView(new ArrayBuffer(16));
    for (const word of [0, 1, 2, 3] as const) view.setInt32(word * 4, this.#ipv6.word(address, word));
    return new Uint8Array(view.buffer);
  }
}

/** A number that orders addresses as `compare` does. @param ipv6Ranks as `Addresses` gives them @returns 0..2^33-1 */
export function orderOf(family: number, address: number, ipv6Ranks: Int32Array): number {
  return family === Family.Ipv4 ? address >>> 0 : 2 ** 32 + (ipv6Ranks[address] as number);
}
