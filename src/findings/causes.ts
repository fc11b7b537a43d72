/**
 * Claims as causes of others: whether any of a rule's is about the same VNI and VTEPs as a claim is. What one leaves open,
 * the other may say. Looked up, not compared one by one: a capture may show thousands of both.
 */
import type { Claim } from './finding.js';

/** Stands for a VNI or VTEP that a cause leaves open, and for whatever it says, where a consequence leaves that open. */
const OPEN = '*';
const ANY = 'any';

/** The claims of one rule. */
export class Causes {
  readonly #about: Set<string>;

  constructor(claims: readonly Claim[]) {
    this.#about = new Set();
    for (const { about } of claims) {
      for (const vni of [about.vni ?? OPEN, ANY]) {
        this.#about.add(`${vni} ${ANY}`);
        for (const vtep of about.vteps.length === 0 ? [OPEN] : about.vteps) this.#about.add(`${vni} ${vtep}`);
      }
    }
  }

  /** Whether one of them is about the same as `claim`. **Cost** a few look-ups for each of its VTEPs. */
  concern({ about: { vni, vteps } }: Claim): boolean {
    const vnis = vni === null ? [ANY] : [vni, OPEN];
    const ends = vteps.length === 0 ? [ANY] : [OPEN, ...vteps];
    return vnis.some((one) => ends.some((end) => this.#about.has(`${one} ${end}`)));
  }
}
