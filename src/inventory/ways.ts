/**
 * The ways that frames take: from which VTEP to which, and in which VNI. Rows of the traffic that go one way share one
 * object: who compares many rows compares objects, and text is made once.
 */
import type { Addresses } from './addresses.js';
import { KeyTable } from './key-table.js';
import { innerMac, type Traffic, Word } from './traffic.js';

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
  readonly #traffic: Traffic;
  readonly #byRow: Way[];

  /** **Cost** an object for each way; looks at every row. */
  constructor(traffic: Traffic, addresses: Addresses) {
    this.#traffic = traffic;
    const text = addresses.texts();
    const pairs = new Directions<VtepPair>();
    const ways = new Directions<Way>();
    this.#byRow = [];
    traffic.forEach((word) => {
      const [vniAndFamily, from, to] = [word(Word.VniAndFamily), word(Word.Source), word(Word.Destination)];
      const family = vniAndFamily >>> 24;
      const pair = pairs.of(family, from, to, (number) => ({
        number,
        source: text(family, from),
        destination: text(family, to),
        isToGroup: addresses.isMulticast(family, to),
        back: null,
      }));
      const { source, destination } = pair;
      this.#byRow.push(
        ways.of(vniAndFamily, from, to, (number) => ({
          ...{ number, vni: vniAndFamily & 0xff_ffff, pair, source, destination, back: null },
        })),
      );
    });
  }

  /** The way of a row. @param row as `Inventory.add` gave it */
  at(row: number): Way {
    return this.#byRow[row] as Way;
  }

  /** MAC that sent a row's inner frames, 0..2^48-1; 0 where there is none. */
  innerMac(row: number): number {
    return innerMac((word) => this.#traffic.word(row, word));
  }

  /** MAC that sent a row's outer frames, 0..2^48-1; 0 where there is none. */
  outerMac(row: number): number {
    const word = (word: Word): number => this.#traffic.word(row, word);
    return word(Word.OuterMacHigh) * 2 ** 32 + (word(Word.OuterMacLow) >>> 0);
  }

  /** UDP port that a row's frames were sent to. */
  port(row: number): number {
    return this.#traffic.word(row, Word.PortAndKind) & 0xffff;
  }
}

/** One object for each direction, which knows that of the other. */
class Directions<T extends { readonly back: T | null }> {
  readonly #table: KeyTable;
  readonly #made: Made<T>[];

  constructor() {
    this.#table = new KeyTable();
    this.#made = [];
  }

  /** The one from `from` to `to` within `where`. */
  of(where: number, from: number, to: number, make: (number: number) => T): T {
    const number = this.#table.row(where, from, to, 0);
    const known = this.#made[number];
    if (known !== undefined) return known;
    const made: Made<T> = make(number);
    this.#made.push(made);
    const back = this.#made[this.#table.find(where, to, from, 0)];
    if (back !== undefined) {
      made.back = back;
      back.back = made;
    }
    return made;
  }
}
