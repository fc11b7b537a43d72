/**
 * What several rules ask for: made when the first one does, and kept for the others as long as what it is made from.
 */
import type { Facts, TapFacts } from './facts.js';

/** Makes it once for each object that it is made from. */
export function once<From extends object, Made extends object>(make: (from: From) => Made): (from: From) => Made {
  const all = new WeakMap<From, Made>();
  return (from) => {
    const known = all.get(from);
    if (known !== undefined) return known;
    const made = make(from);
    all.set(from, made);
    return made;
  };
}

/** Makes it once for each tap. */
export function onceAt<Made extends object>(
  make: (facts: Facts, tap: TapFacts) => Made,
): (facts: Facts, tap: TapFacts) => Made {
  const at = once((facts: Facts) => once((tap: TapFacts) => make(facts, tap)));
  return (facts, tap) => at(facts)(tap);
}
