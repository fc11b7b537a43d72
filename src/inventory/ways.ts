/**
 * The ways that frames take: from which VTEP to which, and in which VNI. Rows of the traffic that go one way share one
 * object: who compares many rows compares objects, and text is made once.
 */
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { innerMac, outerMac, type Traffic, Word } from './traffic.js';

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
    for (let row = 0; row < traffic.rows; row++) {
      const [vniAndFamily, from] = [traffic.word(row, Word.VniAndFamily), traffic.word(row, Word.Source)];
      this.#byRow.push(made.way(vniAndFamily, from, traffic.word(row, Word.Destination)));
    }
    this.pairs = made.pairs;
  }

  /** The way of a row. @param row as `Inventory.add` gave it */
  at(row: number): Way {
    return this.#byRow[row] as Way;
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
    return this.#pairs.made.length;
  }

  way(vniAndFamily: number, from: number, to: number): Way {
    const number = this.#ways.number(vniAndFamily, from, to);
    const known = this.#ways.made[number];
    if (known !== undefined) return known;
    const pair = this.#pair(vniAndFamily >>> 24, from, to);
    const { source, destination } = pair;
    const made = { number, vni: vniAndFamily & 0xff_ffff, pair, source, destination, back: null };
    return this.#ways.add(vniAndFamily, from, to, made);
  }

  #pair(family: number, from: number, to: number): VtepPair {
    const number = this.#pairs.number(family, from, to);
    const known = this.#pairs.made[number];
    if (known !== undefined) return known;
    const isToGroup = this.#addresses.isMulticast(family, to);
    const [source, destination] = [this.#text(family, from), this.#text(family, to)];
    return this.#pairs.add(family, from, to, { number, source, destination, isToGroup, back: null });
  }
}

/** One object for each direction within something; each comes to know the one of the other direction. */
class Directions<T extends { readonly back: T | null }> {
  /** By number. */
  readonly made: Made<T>[];
  readonly #table: KeyTable;

  constructor(table: KeyTable) {
    this.made = [];
    this.#table = table;
  }

  /** The number of a direction, given to it if it has none yet: then its object is to be added. */
  number(within: number, from: number, to: number): number {
    return this.#table.row(within, from, to, 0);
  }

  /** Adds the object of the direction that was numbered last. */
  add(within: number, from: number, to: number, made: Made<T>): T {
    this.made.push(made);
    const back = this.made[this.#table.find(within, to, from, 0)];
    if (back !== undefined) {
      made.back = back;
      back.back = made;
    }
    return made;
  }
}
