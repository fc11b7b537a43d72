/**
 * Times of pcapng (draft-ietf-opsawg-pcapng, sections 4.2 and 4.3): 64 bits of units, whose length each interface
 * gives as a power of 10 or of 2 of a second, and an offset in whole seconds.
 */

/** if_tsresol where an interface has none: 10^-6. */
export const DEFAULT_RESOLUTION = 6;
const BASE_TWO = 0x80;
const EXPONENT = 0x7f;
/** The finest powers whose arithmetic stays below 2^53: up to nanoseconds, and 2^-32. */
const MAX_DECIMAL_EXPONENT = 9;
const MAX_BINARY_EXPONENT = 32;
const NANOSECONDS = 1_000_000_000;
/** 10^9 = 5^9 * 2^9: a fraction of 2^-k seconds is this many of 2^(9-k) nanoseconds. */
const FIVE_TO_THE_NINTH = 1_953_125;
const TWO_TO_THE_NINTH = 512;
const MICROSECONDS = 1_000_000;

/** Turns units into seconds and nanoseconds, for one interface. Its result is in its fields. */
export class PcapngClock {
  /** Whole seconds since 1970, floored. */
  seconds: number;
  /** 0..999,999,999. */
  nanoseconds: number;
  /** Whether its units are finer than a microsecond. */
  readonly fine: boolean;
  readonly #offset: number;
  readonly #perSecond: number;
  /** A rest of units is `rest * multiplier / divisor` nanoseconds. */
  readonly #multiplier: number;
  readonly #divisor: number;
  /** Units per second where doubles cannot hold the arithmetic; 0 elsewhere. */
  readonly #exactPerSecond: bigint;

  /**
   * @param resolution if_tsresol, 0..255
   * @param offset if_tsoffset, seconds
   */
  constructor(resolution: number, offset: number) {
    const exponent = resolution & EXPONENT;
    const binary = (resolution & BASE_TWO) !== 0;
    const exact = exponent > (binary ? MAX_BINARY_EXPONENT : MAX_DECIMAL_EXPONENT);
    this.seconds = 0;
    this.nanoseconds = 0;
    this.#offset = offset;
    this.#perSecond = (binary ? 2 : 10) ** exponent;
    this.fine = this.#perSecond > MICROSECONDS;
    this.#multiplier = binary ? FIVE_TO_THE_NINTH : NANOSECONDS / this.#perSecond;
    this.#divisor = binary ? this.#perSecond / TWO_TO_THE_NINTH : 1;
    this.#exactPerSecond = exact ? (binary ? 2n : 10n) ** BigInt(exponent) : 0n;
  }

  /**
   * Sets `seconds` and `nanoseconds`. **Cost** two divisions; bigints where units are finer than nanoseconds.
   *
   * @param high upper half of the units, 0..2^32-1
   * @param low lower half, 0..2^32-1
   */
  set(high: number, low: number): void {
    if (this.#exactPerSecond !== 0n) {
      this.#setExactly(high, low);
      return;
    }
    // Long division in base 2^16: every dividend is below 2^48, so no quotient rounds up to the next integer.
    const perSecond = this.#perSecond;
    const upper = high * 65_536 + (low >>> 16);
    const upperSeconds = Math.floor(upper / perSecond);
    const lower = (upper - upperSeconds * perSecond) * 65_536 + (low & 0xffff);
    const lowerSeconds = Math.floor(lower / perSecond);
    const rest = lower - lowerSeconds * perSecond;
    this.seconds = upperSeconds * 65_536 + lowerSeconds + this.#offset;
    this.nanoseconds = Math.floor((rest * this.#multiplier) / this.#divisor);
  }

  #setExactly(high: number, low: number): void {
    const units = (BigInt(high) << 32n) | BigInt(low);
    const perSecond = this.#exactPerSecond;
    this.seconds = Number(units / perSecond) + this.#offset;
    this.nanoseconds = Number(((units % perSecond) * 1_000_000_000n) / perSecond);
  }
}
