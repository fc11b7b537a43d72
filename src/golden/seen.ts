/**
 * Values that frames had so far, for the condition `{ seen: FIELD, in: MATCH }`: which MACs have answered an ARP request,
 * whoever ignores the answer.
 */
import type { Frame } from '../dissect/frame.js';
import type { Field } from '../fields/field.js';
import type { Condition, Source, TapGolden } from './golden.js';
import { valueAt } from './value-at.js';

/** Values kept of one source: a capture cannot make it grow without end. */
const MAX_VALUES = 1000;

/** What one capture has shown so far. It depends on the frames alone, not on how they are read as a sequence. */
export class Seen {
  readonly #sources: readonly Source[];
  readonly #values: readonly Set<number | string>[];

  constructor({ sources }: TapGolden) {
    this.#sources = sources;
    this.#values = sources.map(() => new Set());
  }

  /** Takes a frame in, once it was judged: frames that are ignored count as well. **Cost** no allocation for values that are known. */
  add(frame: Frame): void {
    for (let index = 0; index < this.#sources.length; index++) {
      const { fields, test } = this.#sources[index] as Source;
      if (test(frame)) for (const field of fields) collect(field, frame, this.#values[index] as Set<number | string>);
    }
  }

  /** Whether a condition's field has a value that was seen. While none was, any value will do: there is nothing to compare it with. */
  allows({ field, source }: Condition, { stack }: Frame): boolean {
    const values = this.#values[source] as Set<number | string>;
    let position = field.next(stack, 0);
    if (values.size === 0) return position >= 0;
    for (; position >= 0; position = field.next(stack, position + 1)) {
      if (values.has(valueAt(field, stack, position))) return true;
    }
    return false;
  }

  /** What was seen. */
  values({ source }: Condition): (number | string)[] {
    return [...(this.#values[source] as Set<number | string>)];
  }
}

function collect(field: Field, { stack }: Frame, values: Set<number | string>): void {
  for (let position = field.next(stack, 0); position >= 0; position = field.next(stack, position + 1)) {
    if (values.size < MAX_VALUES) values.add(valueAt(field, stack, position));
  }
}
