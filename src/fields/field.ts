/**
 * A field as a user named it: `ip.src`, `inner.ip.src`, `outer.ip.src`, `ip.src#2`. Parsed once, read often.
 *
 * `inner.` and `outer.` are the sides of the innermost tunnel, whose header counts as outer; without a tunnel there is
 * neither. `#n` is the n-th layer of that protocol from the outside, as in tshark, datagrams quoted by ICMP errors
 * included; no other name sees into those.
 */
import type { Frame } from '../dissect/frame.js';
import { VxdumpError } from '../errors.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../wire/stack.js';
import {
  ALIAS_ROWS,
  FIELD_ROWS,
  type FieldRow,
  type FieldType,
  FRAME_ROWS,
  type FrameRow,
  type Reader,
} from './table.js';
import { isNumeric, valueText } from './text.js';

/** Which side of the innermost tunnel a name means. */
type Side = 'any' | 'inner' | 'outer';

/** A compiled field. Its values are found by position: `for (let p = field.next(stack, 0); p >= 0; p = field.next(stack, p + 1))`. */
export class Field {
  /** The name, as it was given. */
  readonly name: string;
  readonly type: FieldType;
  /** The row of a field of the frame itself; null for a field of layers. */
  readonly frameRow: FrameRow | null;
  readonly #side: Side;
  /** From 1; 0 for every occurrence. */
  readonly #occurrence: number;
  /** The layer's name, by which occurrences are counted. */
  readonly #layer: string;
  /** Readers at `2 * kind + parity of the position`: an alias has two a kind, any other field one, at the even place. */
  readonly #readers: readonly (Reader | null)[];
  readonly #isAlias: boolean;

  /** Fields come from `compileField`. */
  constructor(name: string, rows: readonly FieldRow[], frameRow: FrameRow | null, side: Side, occurrence: number) {
    this.name = name;
    this.type = frameRow?.type ?? (rows[0] as FieldRow).type;
    this.frameRow = frameRow;
    this.#side = side;
    this.#occurrence = occurrence;
    const kind = rows[0]?.readers.keys().next().value ?? LayerKind.None;
    this.#layer = LAYER_NAMES[kind];
    this.#readers = LAYER_NAMES.flatMap((_, of) =>
      [0, 1].map((part) => rows[part]?.readers.get(of as LayerKind) ?? null),
    );
    this.#isAlias = rows.length > 1;
  }

  /**
   * The next position that has a value.
   *
   * @param from 0 for the first, one past the last position for the next
   * @returns a position, for `number` and `text`; -1 if there is none
   *
   * **Cost** no allocation.
   */
  next(stack: LayerStack, from: number): number {
    let position = from;
    let end = 2 * stack.depth;
    if (this.#side !== 'any') {
      if (stack.tunnelIndex < 0) return -1;
      const inner = 2 * (stack.tunnelIndex + 1);
      if (this.#side === 'outer') end = inner;
      else if (position < inner) position = inner;
    }
    if (stack.quotedIndex >= 0 && (this.#side !== 'any' || this.#occurrence === 0)) {
      end = Math.min(end, 2 * stack.quotedIndex);
    }
    const stride = this.#isAlias ? 1 : 2;
    if (stride === 2) position += position & 1;
    for (; position < end; position += stride) {
      const index = position >> 1;
      const reader = this.#readers[2 * (stack.kinds[index] as number) + (position & 1)] as Reader | null;
      if (reader === null || (this.#occurrence > 0 && this.#occurrence !== this.#count(stack, index))) continue;
      if (reader(stack.bytes, stack.ats[index] as number, stack.ends[index] as number, stack, index) !== -1)
        return position;
    }
    return -1;
  }

  /** The value at a position that `next` gave; for an IPv6 address, where its 16 bytes start in `stack.bytes`. **Cost** no allocation. */
  number(stack: LayerStack, position: number): number {
    const index = position >> 1;
    const reader = this.#readers[2 * (stack.kinds[index] as number) + (position & 1)] as Reader;
    return reader(stack.bytes, stack.ats[index] as number, stack.ends[index] as number, stack, index);
  }

  /** The value at a position that `next` gave, as text. **Cost** one string. */
  text(stack: LayerStack, position: number): string {
    return valueText(this.type, this.number(stack, position), stack.bytes);
  }

  /** The layer of a position that `next` gave: its first byte, and where it ends, exclusive. **Cost** an object. */
  extent(stack: LayerStack, position: number): { readonly start: number; readonly end: number } {
    const index = position >> 1;
    return { start: stack.layerAt(index), end: stack.layerEnd(index) };
  }

  /** Which layer of its protocol, on its side, the one at `index` is; from 1. */
  #count(stack: LayerStack, index: number): number {
    let count = 0;
    for (let before = this.#side === 'inner' ? stack.tunnelIndex + 1 : 0; before <= index; before++) {
      if (LAYER_NAMES[stack.kind(before)] === this.#layer) count++;
    }
    return count;
  }
}

/** Fields by name: golden sequences that ship name the same few two hundred times. Bounded: only names of the tables get here. */
const compiled = new Map<string, Field>();

/**
 * Parses a field's name, once.
 *
 * @param name a Wireshark name, with `inner.` or `outer.` in front or `#n` behind
 * @throws `E_FIELD` for a name that is in no table, with the nearest one that is
 */
export function compileField(name: string): Field {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const field = parseField(name);
  compiled.set(name, field);
  return field;
}

function parseField(name: string): Field {
  const { side, bare, occurrence } = parseName(name);
  const frameRow = FRAMES.get(bare);
  if (frameRow !== undefined && side === 'any' && occurrence === 0) return new Field(name, [], frameRow, side, 0);
  const rows = ROWS.get(bare);
  if (rows === undefined) throw unknown(name, frameRow === undefined ? bare : name);
  return new Field(name, rows, null, side, occurrence);
}

/**
 * A protocol's name as a field, which has a value, 0, wherever the protocol is: for its presence.
 *
 * @param name `vxlan`, `inner.arp`, `ip#2`
 * @returns null where it is no protocol's
 */
export function compileProtocol(name: string): Field | null {
  const { side, bare, occurrence } = parseName(name);
  const readers = new Map<LayerKind, Reader>();
  for (const [kind, layer] of LAYER_NAMES.entries()) {
    if (layer === bare && kind !== LayerKind.None && kind !== LayerKind.RawIp) readers.set(kind as LayerKind, () => 0);
  }
  return readers.size === 0 ? null : new Field(name, [{ name: bare, type: 'uint', readers }], null, side, occurrence);
}

function parseName(name: string): { readonly side: Side; readonly bare: string; readonly occurrence: number } {
  const match = /^(?:(inner|outer)\.)?([^#]+?)(?:#([1-9]\d{0,2}))?$/.exec(name);
  return { side: (match?.[1] ?? 'any') as Side, bare: match?.[2] ?? '', occurrence: Number(match?.[3] ?? 0) };
}

/** Every name that `compileField` knows, without sides and occurrences. */
export function fieldNames(): string[] {
  return [...FRAMES.keys(), ...ROWS.keys()];
}

/** All values of a field in a frame, outermost first: numbers as numbers, addresses and names as text. **Cost** an array. */
export function fieldValues(field: Field, frame: Frame): (number | string)[] {
  if (field.frameRow !== null) {
    const value = field.frameRow.read(frame);
    return value === null ? [] : [value];
  }
  const stack = frame.stack;
  const values: (number | string)[] = [];
  for (let position = field.next(stack, 0); position >= 0; position = field.next(stack, position + 1)) {
    values.push(isNumeric(field.type) ? field.number(stack, position) : field.text(stack, position));
  }
  return values;
}

/** All values of a field in a frame as tshark writes them: with commas between, empty where there is none. **Cost** strings. */
export function fieldText(field: Field, frame: Frame): string {
  if (field.frameRow !== null) return String(field.frameRow.read(frame) ?? '');
  const stack = frame.stack;
  let text = '';
  for (let position = field.next(stack, 0); position >= 0; position = field.next(stack, position + 1)) {
    text += text === '' ? field.text(stack, position) : `,${field.text(stack, position)}`;
  }
  return text;
}

const FRAMES: ReadonlyMap<string, FrameRow> = new Map(FRAME_ROWS.map((row) => [row.name, row]));

const ROWS: ReadonlyMap<string, readonly FieldRow[]> = (() => {
  const rows = new Map<string, readonly FieldRow[]>(FIELD_ROWS.map((row) => [row.name, [row]]));
  for (const alias of ALIAS_ROWS)
    rows.set(
      alias.name,
      alias.of.flatMap((name) => rows.get(name) ?? []),
    );
  return rows;
})();

function unknown(name: string, bare: string): VxdumpError {
  const near = nearest(bare);
  return new VxdumpError('E_FIELD', `unknown field '${name}'${near === null ? '' : `; did you mean ${near}?`}`);
}

/** The known name that is the fewest edits away; null where none is near. */
function nearest(name: string): string | null {
  let best: string | null = null;
  let least = Math.max(3, Math.floor(name.length / 3)) + 1;
  if (name.length > MAX_GUESS) return null;
  for (const known of fieldNames()) {
    const distance = edits(name, known);
    if (distance < least) {
      least = distance;
      best = known;
    }
  }
  return best;
}

/** A name longer than this is no slip of the finger. */
const MAX_GUESS = 60;

/** Insertions, deletions and replacements between two words (Levenshtein). */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
