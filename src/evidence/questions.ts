/**
 * Questions for addresses, by ARP and neighbour discovery, bare and in tunnels: who asked for whom, how often, and who
 * answered. Questions to one host alone are none: they check what is known.
 */
import type { Addresses, Family } from '../inventory/addresses.js';
import { KeyTable } from '../inventory/key-table.js';
import { Act, type AddressMessage } from './address-message.js';
import { FrameList } from './frame-list.js';

/** The most questions of a tap, answers of a question, rows and rounds that are kept. */
const MAX_QUESTIONS = 16_384;
const MAX_ANSWERS = 4;
const MAX_ROWS = 16;
const MAX_ROUNDS = 100;
/** Copies of one question come closer than this, ns. */
const ROUND_NS = 0.1e9;
/** Who asks again this soon has no answer: hosts ask once a second, or so (RFC 1122, 2.3.2.1; RFC 4861, 10). */
const AGAIN_NS = 5e9;
const LEAST_AGAIN_NS = 0.4e9;
/** An answer comes within this time, ns. */
const ANSWER_NS = 1e9;

/** Who answered a question. */
export class Answer {
  readonly mac: number;
  /** Of the inventory; -1 where it came bare. */
  readonly row: number;
  readonly frames: FrameList;
  /** Which of the rounds it answered, from 1, in time; the first 100. */
  readonly rounds: number[];

  constructor(mac: number, row: number) {
    this.mac = mac;
    this.row = row;
    this.frames = new FrameList();
    this.rounds = [];
  }
}

/** A question, however often it was asked. */
export class Question {
  /** -1 where it was seen bare. */
  readonly vni: number;
  readonly family: Family;
  readonly askerAddress: number;
  readonly targetAddress: number;
  readonly askerMac: number;
  /** All frames, copies too. */
  readonly asks: FrameList;
  /** How often it was asked: copies count once. */
  rounds: number;
  /** How often it was asked again within five seconds. */
  again: number;
  firstNs: number;
  lastNs: number;
  /** Rows of the inventory that it was asked through; empty where it was seen bare. */
  readonly rows: number[];
  readonly answers: Answer[];

  constructor(vni: number, { family, sender, other, mac }: AddressMessage, timeNs: number) {
    this.vni = vni;
    this.family = family;
    this.askerAddress = sender;
    this.targetAddress = other;
    this.askerMac = mac;
    this.asks = new FrameList();
    this.rounds = 0;
    this.again = 0;
    this.firstNs = timeNs;
    this.lastNs = Number.NEGATIVE_INFINITY;
    this.rows = [];
    this.answers = [];
  }

  ask(frame: number, timeNs: number, row: number): void {
    this.asks.add(frame);
    if (row >= 0 && this.rows.length < MAX_ROWS && !this.rows.includes(row)) this.rows.push(row);
    const sinceNs = timeNs - this.lastNs;
    if (sinceNs < ROUND_NS) return;
    this.rounds++;
    this.lastNs = timeNs;
    if (sinceNs >= LEAST_AGAIN_NS && sinceNs <= AGAIN_NS) this.again++;
  }

  answer(frame: number, timeNs: number, mac: number, row: number): void {
    let answer = this.answers.find((known) => known.mac === mac && known.row === row);
    if (answer === undefined) {
      if (this.answers.length === MAX_ANSWERS) return;
      answer = new Answer(mac, row);
      this.answers.push(answer);
    }
    answer.frames.add(frame);
    const inTime = timeNs - this.lastNs <= ANSWER_NS;
    const { rounds } = answer;
    if (inTime && rounds.length < MAX_ROUNDS && rounds.at(-1) !== this.rounds) rounds.push(this.rounds);
  }
}

/** The questions that one tap saw. */
export class Questions {
  readonly #addresses: Addresses;
  readonly #table: KeyTable;
  readonly #questions: Question[];

  constructor(addresses: Addresses) {
    this.#addresses = addresses;
    this.#table = new KeyTable(MAX_QUESTIONS);
    this.#questions = [];
  }

  /** Takes in a message. @param vni -1 where it is bare. **Cost** an object for a question that is new. */
  see(frame: number, timeNs: number, message: AddressMessage, vni: number, row: number): void {
    const { act, family, sender, other, vlan, toGroup, mac } = message;
    const place = vni < 0 ? 1 << 25 : vni;
    if (act === Act.Ask && toGroup) {
      const known = this.#table.row(place | (family << 24), sender, other, vlan);
      if (known < 0) return;
      const question = this.#questions[known] ?? new Question(vni, message, timeNs);
      this.#questions[known] = question;
      question.ask(frame, timeNs, row);
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
