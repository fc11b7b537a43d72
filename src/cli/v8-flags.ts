/**
 * What V8 is asked for while an analysis runs (docs/adr/0005-bundled-dist.md). A flag that it does not know it reports on
 * standard error, so each is set only in versions that are known to have it.
 */
import { setFlagsFromString } from 'node:v8';

const V8_MAJOR = Number.parseInt(process.versions.v8, 10);
/** V8 of Node 20 and 21: later ones count calls instead. */
const LAST_WITH_BUDGET = 11;
/** V8 of Node 24. */
const LAST_WITH_GROWTH = 13;

/**
 * Keeps what is allocated first at its size: frames leave no garbage, and a report much at once. A young generation that
 * grew to hold that would take some 20 MB, and be no quicker.
 */
export function keepYoungGenerationSmall(): void {
  if (V8_MAJOR <= LAST_WITH_GROWTH) setFlagsFromString('--semi-space-growth-factor=1');
}

/** Asks the compiler fifteen times as late from now on. */
export function compileLate(): void {
  if (V8_MAJOR <= LAST_WITH_BUDGET) setFlagsFromString('--interrupt-budget=1000000');
}
