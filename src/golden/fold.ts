/**
 * Frames that come several times in a row, such as request and reply of a ping, as one block: what recording folds.
 */

/** A value that a frame is recorded by. */
export interface Value {
  readonly key: string;
  readonly value: number | string;
  /** Which values it is compared with; null for a constant. */
  readonly kind: string | null;
  /** Whether a run chooses it afresh: an identifier, a sequence number, a port. */
  readonly chosen: boolean;
}

/** A frame, as far as it is recorded. */
export interface Recorded {
  readonly protocols: string;
  readonly values: readonly Value[];
}

/** Frames that come `rounds` times in a row; the first round's. */
export interface Block {
  readonly frames: readonly Recorded[];
  readonly rounds: number;
  /** The values that differ from round to round: the first round's, as `kind value`. */
  readonly changing: ReadonlySet<string>;
}

/** Frames → blocks: at each place the block that covers most frames, of equals the shortest. **Cost** for n frames of which none repeat, n² comparisons. */
export function fold(frames: readonly Recorded[]): Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < frames.length; ) {
    let best: Block = { frames: frames.slice(at, at + 1), rounds: 1, changing: new Set() };
    for (let len = 1; 2 * len <= frames.length - at; len++) {
      const block = repeatAt(frames, at, len);
      if (block.rounds > 1 && block.rounds * len > best.rounds * best.frames.length) best = block;
    }
    blocks.push(best);
    at += best.rounds * best.frames.length;
  }
  return blocks;
}

/** How often the `len` frames from `at` on come in a row. */
function repeatAt(frames: readonly Recorded[], at: number, len: number): Block {
  const first = frames.slice(at, at + len);
  const changing = new Set<string>();
  let rounds = 1;
  for (let next = at + len; next + len <= frames.length; next += len) {
    const changed = changesOf(first, frames.slice(next, next + len));
    if (changed === null) break;
    for (const key of changed) changing.add(key);
    rounds++;
  }
  return { frames: first, rounds, changing };
}

/** The values that a later round chose anew; null where it is no round of the same: a chosen value changes in all its places alike. */
function changesOf(first: readonly Recorded[], later: readonly Recorded[]): readonly string[] | null {
  const chosenAs = new Map<string, number | string>();
  const changed: string[] = [];
  for (const [index, { protocols, values }] of first.entries()) {
    const other = later[index] as Recorded;
    if (other.protocols !== protocols || other.values.length !== values.length) return null;
    for (const [place, { key, kind, value, chosen }] of values.entries()) {
      const now = other.values[place] as Value;
      if (now.key !== key || (!chosen && now.value !== value)) return null;
      if (!chosen) continue;
      const as = `${kind} ${value}`;
      if ((chosenAs.get(as) ?? now.value) !== now.value) return null;
      chosenAs.set(as, now.value);
      if (now.value !== value) changed.push(as);
    }
  }
  return changed;
}
