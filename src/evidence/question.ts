/**
 * A question for an address: how often it was asked, through what, and who answered.
 */
import type { Family } from '../inventory/addresses.js';
import type { AddressMessage } from './address-message.js';
import { FrameList } from './frame-list.js';
import type { Rounds } from './rounds.js';

/** The most answers to a question, rows and rounds that are kept. */
const MAX_ANSWERS = 4;
const MAX_ROWS = 16;
const MAX_ROUNDS = 100;
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
  readonly firstNs: number;
  /** Rows of the inventory that it was asked through; empty where it was seen bare. */
  readonly rows: number[];
  readonly answers: Answer[];
  readonly #rounds: Rounds;
  readonly #number: number;

  constructor(vni: number, { family, sender, other, mac }: AddressMessage, timeNs: number, rounds: Rounds) {
    this.vni = vni;
    this.family = family;
    this.askerAddress = sender;
    this.targetAddress = other;
    this.askerMac = mac;
    this.firstNs = timeNs;
    this.rows = [];
    this.answers = [];
    this.#rounds = rounds;
    this.#number = rounds.open();
  }

  /** The first 100 frames that asked it, copies too. **Cost** allocates. */
  get frames(): number[] {
    return this.#rounds.frames(this.#number);
  }

  /** How often it was asked: copies count once. */
  get rounds(): number {
    return this.#rounds.rounds(this.#number);
  }

  /** How often it was asked again within five seconds. */
  get again(): number {
    return this.#rounds.again(this.#number);
  }

  get lastNs(): number {
    return this.#rounds.lastNs(this.#number);
  }

  /** It was asked through a row, or bare: -1. */
  askedThrough(row: number): void {
    if (row >= 0 && this.rows.length < MAX_ROWS && !this.rows.includes(row)) this.rows.push(row);
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
