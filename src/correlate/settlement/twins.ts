/**
 * Twins: trails that later ones look like copies of. Who saw one is remembered until the last of its copies is settled.
 */
import type { SightingList } from '../trails/sighting-list.js';
import type { Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';

/** A trail that others look like a copy of. */
export class Twin {
  /** Copies that are not settled yet. */
  copies = 0;
  vni = -1;
  /** Taps that saw it or what it is a copy of, bit by bit: bare, and encapsulated. Taps 32 apart share a bit. */
  bareTaps = 0;
  innerTaps = 0;
  /** Its sightings; null until it is settled. */
  list: SightingList | null = null;

  /** Whether it, or what it is a copy of, was seen bare at a tap. */
  wasBareAt(tap: number): boolean {
    return isOn(this.bareTaps, tap);
  }

  /** Whether it was seen encapsulated there. */
  wasInnerAt(tap: number): boolean {
    return isOn(this.innerTaps, tap);
  }
}

/** All twins whose copies are in the window. */
export class Twins {
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #twins: Map<number, Twin>;

  constructor(trails: Trails) {
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#twins = new Map();
  }

  /** Says that a trail looks like a copy of another one, which is settled before it. */
  expect(trail: number, of: number): void {
    this.#trails.setTwin(trail, of);
    const twin = this.#twins.get(of) ?? new Twin();
    twin.copies++;
    this.#twins.set(of, twin);
  }

  /** What a trail is a copy of; null where it is none, or of one whose sightings went over to another one. */
  of(trail: number): Twin | null {
    const number = this.#trails.twin(trail);
    const twin = number === 0 ? undefined : this.#twins.get(number);
    return twin === undefined || twin.list === null ? null : twin;
  }

  /**
   * Remembers who saw a trail that others look like a copy of, and takes its sightings.
   *
   * @param list its sightings
   * @param before what it is itself a copy of
   */
  remember(trail: number, list: SightingList, before: Twin | null): void {
    const twin = this.#twins.get(trail);
    if (twin === undefined) return;
    twin.vni = this.#trails.vni(trail);
    twin.bareTaps = before?.bareTaps ?? 0;
    twin.innerTaps = before?.innerTaps ?? 0;
    for (let index = 0; index < list.count; index++) {
      const bit = 1 << (list.taps[index] as number);
      if (list.isBare(index)) twin.bareTaps |= bit;
      else twin.innerTaps |= bit;
    }
    twin.list = list.copy();
    this.#trails.takeSightings(trail);
  }

  /** Says that a trail is settled: what it was the last copy of is forgotten. */
  settled(trail: number): void {
    const number = this.#trails.twin(trail);
    const twin = number === 0 ? undefined : this.#twins.get(number);
    if (twin === undefined || --twin.copies > 0) return;
    this.#twins.delete(number);
    if (twin.list !== null) this.#sightings.letGo(twin.list.at[0] as number);
  }
}

function isOn(taps: number, tap: number): boolean {
  return (taps & (1 << tap)) !== 0;
}
