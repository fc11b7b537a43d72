/** Words that make keys meet: what somebody would send who knows how tables are looked up in. */

/**
 * @param factor what the word is multiplied by in the hash: odd
 * @param product what that is to give
 * @returns the word, a signed 32-bit integer
 */
export function wordFor(factor: number, product: number): number {
  let inverse = factor;
  for (let bits = 3; bits < 32; bits *= 2) inverse = Math.imul(inverse, 2 - Math.imul(factor, inverse));
  return Math.imul(product, inverse);
}
