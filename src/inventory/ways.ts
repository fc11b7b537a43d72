/**
 * The ways that frames take: from which VTEP to which, and in which VNI. Rows of the traffic that go one way share one
 * object: who compares many rows compares objects, and text is made once.
 */
import type { Addresses } from './addresses.js';
import { RowOrder } from './row-order.js';
import { innerMac, outerMac, STRIDE, type Traffic, Word } from './traffic.js';

/** From one VTEP to another, in whatever VNI. */
export interface VtepPair {
  /** 0, 1, 2, …, in the order of source and destination. */
  readonly number: number;
  readonly source: string;
  readonly destination: string;
  /** Whether that is a group: what is sent there does not say who gets it. */
  readonly isToGroup: boolean;
  /** The other direction; null where nothing went there. */
  readonly back: VtepPair | null;
}

/** From one VTEP to another in one VNI, whatever the port. */
export interface Way {
  /** As pairs have one; those of a pair are numbered by VNI. */
  readonly number: number;
  readonly vni: number;
  readonly pair: VtepPair;
  /** Those of the pair. */
  readonly source: string;
  readonly destination: string;
  /** The other direction, in the same VNI; null where nothing went there. */
  readonly back: Way | null;
}

type Made<T> = { -readonly [Key in keyof T]: T[Key] };

/** Which way the rows of the traffic go, and from whom to whom. */
export class Ways {
  /** How many pairs of VTEPs there are. */
  readonly pairs: number;
  /** All rows, by source, destination, VNI, port, kind of the inner frame. */
  readonly order: Int32Array;
  readonly #traffic: Traffic;
  readonly #ways: readonly Way[];
  /** By row, the number of its way. */
  readonly #numbers: Int32Array;

  /** **Cost** an object for each way; looks at every row. */
  constructor(traffic: Traffic, addresses: Addresses) {
    this.#traffic = traffic;
    const { rows } = new RowOrder(traffic, addresses)
      .by(Word.PortAndKind, 0xff_0000)
      .by(Word.PortAndKind, 0xffff)
      .by(Word.VniAndFamily, 0xff_ffff)
      .byOuter(Word.Destination)
      .byOuter(Word.Source);
    const { pairs, ways, numbers } = make(traffic, addresses, rows);
    joinPairs(pairs);
    joinWays(pairs, ways);
    this.pairs = pairs.length;
    this.order = rows;
    this.#ways = ways;
    this.#numbers = numbers;
  }

  /** The way of a row. @param row as `Inventory.add` gave it */
  at(row: number): Way {
    return this.#ways[this.#numbers[row] as number] as Way;
  }

  /** MAC that sent a row's inner frames, 0..2^48-1; 0 where there is none. */
  innerMac(row: number): number {
    return innerMac(this.#traffic, row);
  }

  /** MAC that sent a row's outer frames, 0..2^48-1; 0 where there is none. */
  outerMac(row: number): number {
    return outerMac(this.#traffic, row);
  }

  /** UDP port that a row's frames were sent to. */
  port(row: number): number {
    return this.#traffic.word(row, Word.PortAndKind) & 0xffff;
  }
}

interface AllMade {
  readonly pairs: Made<VtepPair>[];
  /** Those of one pair side by side, by VNI. */
  readonly ways: Made<Way>[];
  /** By row, the number of its way. */
  readonly numbers: Int32Array;
}

/** All of them, without the other directions. */
function make(traffic: Traffic, addresses: Addresses, order: Int32Array): AllMade {
  const { rows, words } = traffic;
  const pairs: Made<VtepPair>[] = [];
  const ways: Made<Way>[] = [];
  const numbers = new Int32Array(rows);
  const text = addresses.texts();
  let last = -1;
  for (let place = 0; place < rows; place++) {
    const row = order[place] as number;
    const at = row * STRIDE;
    const isSame = last >= 0 && isSamePair(words, at, last);
    if (!isSame) pairs.push(pairOf(pairs.length, words, at, addresses, text));
    if (!isSame || words[at + Word.VniAndFamily] !== words[last + Word.VniAndFamily]) {
      const vni = (words[at + Word.VniAndFamily] as number) & 0xff_ffff;
      ways.push(wayOf(ways.length, vni, pairs[pairs.length - 1] as VtepPair));
    }
    numbers[row] = ways.length - 1;
    last = at;
  }
  return { pairs, ways, numbers };
}

/** Whether two rows are of one pair. @param a where its words start @param b the other's */
function isSamePair(words: Int32Array, a: number, b: number): boolean {
  return (
    words[a + Word.Destination] === words[b + Word.Destination] &&
    words[a + Word.Source] === words[b + Word.Source] &&
    ((words[a + Word.VniAndFamily] as number) ^ (words[b + Word.VniAndFamily] as number)) >>> 24 === 0
  );
}

function pairOf(
  number: number,
  words: Int32Array,
  at: number,
  addresses: Addresses,
  text: (family: number, address: number) => string,
): Made<VtepPair> {
  const family = (words[at + Word.VniAndFamily] as number) >>> 24;
  const to = words[at + Word.Destination] as number;
  const source = text(family, words[at + Word.Source] as number);
  return { number, source, destination: text(family, to), isToGroup: addresses.isMulticast(family, to), back: null };
}

function wayOf(number: number, vni: number, pair: VtepPair): Made<Way> {
  return { number, vni, pair, source: pair.source, destination: pair.destination, back: null };
}

/** Lets each pair know the one of the other direction. */
function joinPairs(pairs: readonly Made<VtepPair>[]): void {
  const bySource = new Map<string, Map<string, VtepPair>>();
  for (const pair of pairs) {
    const known = bySource.get(pair.source);
    if (known === undefined) bySource.set(pair.source, new Map([[pair.destination, pair]]));
    else known.set(pair.destination, pair);
  }
  for (const pair of pairs) pair.back = bySource.get(pair.destination)?.get(pair.source) ?? null;
}

/** Lets each way know the one of the other direction in its VNI: of both pairs they are in the order of VNIs. */
function joinWays(pairs: readonly VtepPair[], ways: readonly Made<Way>[]): void {
  const firsts = new Int32Array(pairs.length);
  for (let number = ways.length - 1; number >= 0; number--) firsts[(ways[number] as Way).pair.number] = number;
  for (const pair of pairs) {
    const { back } = pair;
    // Both directions are joined at once.
    if (back === null || back.number < pair.number) continue;
    let there = ways[firsts[pair.number] as number];
    let again = ways[firsts[back.number] as number];
    while (there?.pair === pair && again?.pair === back) {
      const difference = there.vni - again.vni;
      if (difference === 0) {
        there.back = again;
        again.back = there;
      }
      if (difference <= 0) there = ways[there.number + 1];
      if (difference >= 0) again = ways[again.number + 1];
    }
  }
}
