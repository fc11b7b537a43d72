/**
 * The ways that frames take: from which VTEP to which, and in which VNI. Rows of the traffic that go one way share one
 * object: who compares many rows compares objects, and text is made once.
 */
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { type Traffic, Word } from './traffic.js';

/** From one VTEP to another, in whatever VNI. */
export interface VtepPair {
  /** 0, 1, 2, …, in the order of first sight. */
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
  /** As pairs have one. */
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
  readonly #traffic: Traffic;
  readonly #byRow: Way[];

  /** **Cost** an object for each way; looks at every row. */
  constructor(traffic: Traffic, addresses: Addresses) {
    this.#traffic = traffic;
    this.#byRow = [];
    const made = new MadeWays(traffic.rows, addresses);
    traffic.forEach((word) => {
      this.#byRow.push(made.way(word(Word.VniAndFamily), word(Word.Source), word(Word.Destination)));
    });
    this.pairs = made.pairs;
  }

  /** The way of a row. @param row as `Inventory.add` gave it */
  at(row: number): Way {
    return this.#byRow[row] as Way;
  }

  /** MAC that sent a row's inner frames, 0..2^48-1; 0 where there is none. */
  innerMac(row: number): number {
    const traffic = this.#traffic;
    return (traffic.word(row, Word.InnerMacHigh) & 0xffff) * 2 ** 32 + (traffic.word(row, Word.InnerMacLow) >>> 0);
  }

  /** MAC that sent a row's outer frames, 0..2^48-1; 0 where there is none. */
  outerMac(row: number): number {
    const traffic = this.#traffic;
    return traffic.word(row, Word.OuterMacHigh) * 2 ** 32 + (traffic.word(row, Word.OuterMacLow) >>> 0);
  }

  /** UDP port that a row's frames were sent to. */
  port(row: number): number {
    return this.#traffic.word(row, Word.PortAndKind) & 0xffff;
  }
}

/** The objects as they are made, one for each pair of VTEPs and one for each way. */
class MadeWays {
  readonly #addresses: Addresses;
  readonly #text: (family: number, address: number) => string;
  readonly #pairs: Directions<VtepPair>;
  readonly #ways: Directions<Way>;

  constructor(rows: number, addresses: Addresses) {
    this.#addresses = addresses;
    this.#text = addresses.texts();
    this.#pairs = new Directions(new KeyTable(rows));
    this.#ways = new Directions(KeyTable.sized(rows));
  }

  get pairs(): number {
    return this.#pairs.size;
  }

  way(vniAndFamily: number, from: number, to: number): Way {
    const known = this.#ways.get(vniAndFamily, from, to);
    if (known !== undefined) return known;
    const pair = this.#pair(vniAndFamily >>> 24, from, to);
    const { source, destination } = pair;
    const number = this.#ways.size;
    const made = { number, vni: vniAndFamily & 0xff_ffff, pair, source, destination, back: null };
    return this.#ways.add(vniAndFamily, from, to, made);
  }

  #pair(family: number, from: number, to: number): VtepPair {
    const known = this.#pairs.get(family, from, to);
    if (known !== undefined) return known;
    const isToGroup = this.#addresses.isMulticast(family, to);
    const [source, destination] = [this.#text(family, from), this.#text(family, to)];
    const number = this.#pairs.size;
    return this.#pairs.add(family, from, to, { number, source, destination, isToGroup, back: null });
  }
}

/** One object for each direction within something; each comes to know the one of the other direction. */
class Directions<T extends { readonly back: T | null }> {
  readonly #table: KeyTable;
  readonly #made: Made<T>[];

  constructor(table: KeyTable) {
    this.#table = table;
    this.#made = [];
  }

  get size(): number {
    return this.#made.length;
  }

  get(within: number, from: number, to: number): T | undefined {
    return this.#made[this.#table.find(within, from, to, 0)];
  }

  add(within: number, from: number, to: number, made: Made<T>): T {
    this.#made[this.#table.row(within, from, to, 0)] = made;
    const back = this.#made[this.#table.find(within, to, from, 0)];
    if (back !== undefined) {
      made.back = back;
      back.back = made;
    }
    return made;
  }
}
