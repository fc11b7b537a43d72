/**
 * Pieces: the fragments of IPv6 that a whole datagram, seen elsewhere, was cut into or put together from. A whole one has
 * no number (RFC 8200, section 4.5): the first fragment is known by the bytes that the datagram starts with, ports and
 * length among them, the others by the number that the first one has; and none may differ from the datagram in its bytes.
 */
import { fragmentNumber, startsWhole } from '../identity/datagram.js';
import type { Identity } from '../identity/identity.js';
import { Units } from '../identity/units.js';
import type { Trails } from '../trails/trails.js';

/** Datagrams whose fragments' number is remembered, the latest ones; a power of two. */
const NUMBERED = 1024;
/** Units that show whose a fragment is without the first one. */
const ENOUGH = 4;

/** Tells what is a piece of what. */
export class Pieces {
  readonly #trails: Trails;
  readonly #identity: Identity;
  readonly #units: Units;
  /** Trails of whole datagrams, and the numbers of their fragments. */
  readonly #numbered: Uint32Array;
  readonly #numbers: Int32Array;

  /** @param identity what the frame at hand is read into */
  constructor(trails: Trails, identity: Identity) {
    this.#trails = trails;
    this.#identity = identity;
    this.#units = new Units();
    this.#numbered = new Uint32Array(NUMBERED);
    this.#numbers = new Int32Array(NUMBERED);
  }

  /** Remembers what the frame at hand shows of the trail that it opened. */
  keep(trail: number): void {
    this.#units.keep(trail, this.#identity.span);
  }

  /**
   * Whether the fragment at hand is a piece of the whole datagram that a trail is.
   *
   * @param byBytes where neither it is the first one nor the number is known: whether its bytes will do
   *
   * **Cost** no allocation.
   */
  isPiece(whole: number, byBytes: boolean): boolean {
    const { words, at, flags, span } = this.#identity;
    const trails = this.#trails;
    const agreeing = this.#units.agree(whole, span);
    if (agreeing < 0) return false;
    if (span.from === 0) return startsWhole(words, at, flags, trails.words(), trails.at(whole), trails.flags(whole));
    if (this.#hasNumber(whole)) return this.#number(whole) === fragmentNumber(words, at);
    return byBytes && agreeing >= ENOUGH;
  }

  /** Notes that the fragment at hand is a piece of a datagram. */
  noteNumber(whole: number): void {
    this.#note(whole, fragmentNumber(this.#identity.words, this.#identity.at));
  }

  /**
   * Notes the number of the pieces of the whole datagram at hand, which opened a trail, if the fragment that another one
   * is shows it.
   *
   * @param byBytes whether one that is not the first may show it
   * @returns whether it does
   */
  findNumber(part: number, whole: number, byBytes: boolean): boolean {
    const trails = this.#trails;
    const [words, at] = [trails.words(), trails.at(part)];
    const isFirst = trails.spanFrom(part) === 0;
    const agreeing = this.#units.agree(part, this.#identity.span);
    if (agreeing < (isFirst ? 0 : ENOUGH) || isFirst === byBytes) return false;
    if (isFirst && !startsWhole(words, at, trails.flags(part), words, trails.at(whole), trails.flags(whole)))
      return false;
    this.#note(whole, fragmentNumber(words, at));
    return true;
  }

  /** Whether the fragment that a trail is has the number of a whole datagram's, which is at hand. */
  sharesNumber(part: number, whole: number): boolean {
    const trails = this.#trails;
    if (!this.#hasNumber(whole)) return false;
    const number = fragmentNumber(trails.words(), trails.at(part));
    return this.#number(whole) === number && this.#units.agree(part, this.#identity.span) >= 0;
  }

  /** Whether two trails do not differ in any bytes that both show. */
  agree(trail: number, other: number): boolean {
    return this.#units.agreeWith(trail, other) >= 0;
  }

  #hasNumber(whole: number): boolean {
    return this.#numbered[whole & (NUMBERED - 1)] === whole;
  }

  #number(whole: number): number {
    return this.#numbers[whole & (NUMBERED - 1)] as number;
  }

  #note(whole: number, number: number): void {
    this.#numbered[whole & (NUMBERED - 1)] = whole;
    this.#numbers[whole & (NUMBERED - 1)] = number;
  }
}
