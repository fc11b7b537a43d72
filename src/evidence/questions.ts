/**
 * Questions for addresses, by ARP and neighbour discovery, bare and in tunnels: who asked for whom, how often, and who
 * answered. Questions to one host alone are none: they check what is known.
 */
import type { Addresses } from '../inventory/addresses.js';
import { KeyTable } from '../inventory/key-table.js';
import { Act, type AddressMessage } from './address-message.js';
import { Question } from './question.js';
import { Rounds } from './rounds.js';

/** The most questions of a tap that are kept. */
const MAX_QUESTIONS = 16_384;

/** The questions that one tap saw. */
export class Questions {
  readonly #addresses: Addresses;
  readonly #table: KeyTable;
  readonly #rounds: Rounds;
  readonly #questions: Question[];

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
    this.#table = new KeyTable(MAX_QUESTIONS);
    this.#rounds = new Rounds();
    this.#questions = [];
  }

  /** Takes in a message. @param vni -1 where it is bare. **Cost** an object for a question that is new. */
  see(frame: number, timeNs: number, message: AddressMessage, vni: number, row: number): void {
    const { act, family, sender, other, vlan, toGroup, mac } = message;
    const place = vni < 0 ? 1 << 25 : vni;
    if (act === Act.Ask && toGroup) {
      const known = this.#table.row(place | (family << 24), sender, other, vlan);
      if (known < 0) return;
      if (known === this.#questions.length) this.#questions.push(new Question(vni, message, timeNs, this.#rounds));
      if (this.#rounds.ask(known, frame, timeNs, row)) (this.#questions[known] as Question).askedThrough(row);
    } else if (act === Act.Answer) {
      const known = this.#table.find(place | (family << 24), other, sender, vlan);
      this.#questions[known]?.answer(frame, timeNs, mac, row);
    }
  }

  /** All of them, in the order of first sight. */
  list(): readonly Question[] {
    return this.#questions;
  }

  /** Who asked, as text. */
  asker({ family, askerAddress }: Question): string {
    return this.#addresses.text(family, askerAddress);
  }

  /** What was asked for, as text. */
  target({ family, targetAddress }: Question): string {
    return this.#addresses.text(family, targetAddress);
  }
}
