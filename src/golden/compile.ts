/**
 * Document → golden: field names and values are parsed, repeats become nodes, names find the repeat that they live in.
 */
import { type Frame, isQuoted } from '../dissect/frame.js';
import { VxdumpError } from '../errors.js';
import { compileField, type Field } from '../fields/field.js';
import { compileFieldTest, type FieldTest, soleValue } from '../fields/field-test.js';
import { LAYER_NAMES } from '../wire/stack.js';
import type {
  FrameDocument,
  GoldenDocument,
  IgnoreDocument,
  MatchDocument,
  SeenDocument,
  StepDocument,
  TapDocument,
} from './document.js';
import type { Condition, Golden, Loop, Node, Pattern, Source, Step, TapGolden } from './golden.js';
import { NAMED_PROTOCOLS, PROTOCOL_NAMES } from './protocols.js';

/** Where in a document something stands: keys and indexes from its root. */
export type DocumentPath = readonly (string | number)[];

/** Steps that a golden may have, over all its taps. */
export const MAX_STEPS = 1000;
/** How deep repeats may nest. */
export const MAX_REPEAT_DEPTH = 8;

/** What a document may get wrong beyond its schema. */
export class DocumentError extends Error {
  readonly path: DocumentPath;

  constructor(path: DocumentPath, message: string) {
    super(message);
    this.name = 'DocumentError';
    this.path = path;
  }
}

/** Compiles a document that obeys the schema. @throws DocumentError for a field, a value or a repeat that makes no sense */
export function compileGolden(document: GoldenDocument): Golden {
  const names = new Names();
  const taps =
    document.taps === undefined
      ? [new TapCompiler(names).compile(document as TapDocument, [])]
      : document.taps.map((tap, index) => new TapCompiler(names).compile(tap, ['taps', index]));
  return {
    name: document.name,
    description: document.description ?? null,
    names: names.names,
    taps,
    pairsComplete: document.pairs === 'complete',
  };
}

/** Names, and what kind of value each has. */
class Names {
  readonly names: string[];
  readonly #types: string[] = [];
  readonly #taps = new Map<number, TapCompiler>();
  /** Names that more than one tap uses: no repeat may own them. */
  readonly shared: Set<number>;
  #steps = 0;

  constructor() {
    this.names = [];
    this.shared = new Set();
  }

  use(name: string, field: Field, tap: TapCompiler, path: DocumentPath): number {
    const type = kindOf(field);
    let index = this.names.indexOf(name);
    if (index < 0) {
      index = this.names.push(name) - 1;
      this.#types.push(type);
      this.#taps.set(index, tap);
    }
    if (this.#types[index] !== type) {
      throw new DocumentError(path, `$${name} is ${this.#types[index]} before, and ${field.name} is ${type}`);
    }
    if (this.#taps.get(index) !== tap) this.shared.add(index);
    return index;
  }

  countStep(path: DocumentPath): void {
    if (++this.#steps > MAX_STEPS) throw new DocumentError(path, `more than ${MAX_STEPS} steps`);
  }
}

/** Fields of one kind have values that can be compared. */
function kindOf({ type }: Field): string {
  return type === 'hex' || type === 'flag' ? 'uint' : type;
}

class TapCompiler {
  readonly #names: Names;
  readonly #steps: Step[] = [];
  readonly #sources: Source[] = [];
  readonly #nodes: Node[] = [];
  readonly #loops: (Omit<Loop, 'names'> & { names: number[] })[] = [];
  /** For each name, the repeats around each of its uses, outermost first. */
  readonly #uses = new Map<number, number[][]>();
  #around: number[] = [];

  constructor(names: Names) {
    this.#names = names;
  }

  compile(document: TapDocument, path: DocumentPath): TapGolden {
    this.#sequence(document.steps, [...path, 'steps']);
    for (const [name, uses] of this.#uses) {
      if (this.#names.shared.has(name)) continue;
      const [first = []] = uses;
      const owner = first.findLast((loop) => uses.every((use) => use.includes(loop)));
      if (owner !== undefined) this.#loops[owner]?.names.push(name);
    }
    return {
      tap: document.tap ?? null,
      steps: this.#steps,
      nodes: this.#nodes,
      loops: this.#loops,
      ignore: (document.ignore ?? []).map((entry, index) => this.#ignore(entry, [...path, 'ignore', index])),
      absent: (document.absent ?? []).map((entry, index) =>
        this.#pattern(entry.match, entry.because, [...path, 'absent', index, 'match']),
      ),
      sources: this.#sources,
    };
  }

  #sequence(steps: readonly StepDocument[], path: DocumentPath): void {
    for (const [index, step] of steps.entries()) {
      const at = [...path, index];
      if ('repeat' in step) this.#repeat(step.repeat, step.steps, at);
      else if ('unordered' in step) {
        if (step.unordered.length > MAX_UNORDERED) {
          throw new DocumentError([...at, 'unordered'], `more than ${MAX_UNORDERED} unordered steps`);
        }
        const members = step.unordered.map((member, place) => this.#step(member, [...at, 'unordered', place]));
        this.#nodes.push({ op: 'unordered', steps: members });
      } else this.#nodes.push({ op: 'step', step: this.#step(step, at) });
    }
  }

  #repeat(
    { min = 1, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number },
    steps: readonly StepDocument[],
    path: DocumentPath,
  ): void {
    if (max < min) throw new DocumentError([...path, 'repeat', 'max'], `max ${max} is below min ${min}`);
    if (this.#around.length >= MAX_REPEAT_DEPTH) {
      throw new DocumentError([...path, 'repeat'], `repeats nest deeper than ${MAX_REPEAT_DEPTH}`);
    }
    if (!steps.some(neverEmpty)) {
      throw new DocumentError(
        [...path, 'repeat'],
        'a repeat needs a step that is not optional: a round of nothing never ends',
      );
    }
    const loop = this.#loops.length;
    this.#nodes.push({ op: 'enter', loop });
    const entry = { min, max, start: this.#nodes.length, exit: 0, names: [] as number[] };
    this.#loops.push(entry);
    this.#around = [...this.#around, loop];
    this.#sequence(steps, [...path, 'steps']);
    this.#around = this.#around.slice(0, -1);
    this.#nodes.push({ op: 'again', loop });
    entry.exit = this.#nodes.length;
  }

  #step(document: FrameDocument, path: DocumentPath): number {
    this.#names.countStep(path);
    const conditions = this.#conditions(document.match, [...path, 'match'], true);
    const index = this.#steps.length + 1;
    this.#steps.push({
      index,
      name: document.name,
      because: document.because ?? null,
      optional: document.optional === true,
      withinNs: document.within === undefined ? Number.POSITIVE_INFINITY : durationNs(document.within),
      conditions: [
        ...conditions.filter(({ test }) => test !== null),
        ...conditions.filter(({ source }) => source >= 0),
        ...conditions.filter(({ name }) => name >= 0),
      ],
    });
    return index - 1;
  }

  #ignore(entry: IgnoreDocument, path: DocumentPath): Pattern {
    if (typeof entry !== 'string') return this.#pattern(entry.match, entry.because, [...path, 'match']);
    const match = NAMED_PROTOCOLS.get(entry);
    if (match !== undefined) return { ...this.#pattern(match, undefined, path), text: entry };
    if (!PROTOCOL_NAMES.includes(entry)) {
      throw new DocumentError(path, `unknown protocol '${entry}'; there are ${PROTOCOL_NAMES.join(', ')}`);
    }
    return { text: entry, because: null, test: hasLayer(entry) };
  }

  #pattern(match: MatchDocument, because: string | undefined, path: DocumentPath): Pattern {
    const conditions = this.#conditions(match, path, false);
    return {
      text: conditions.map(({ field, expected }) => `${field.name}: ${expected}`).join(', '),
      because: because ?? null,
      test: allOf(conditions.flatMap(({ test }) => test ?? [])),
    };
  }

  #seen(field: Field, { seen, in: match }: SeenDocument, path: DocumentPath): Condition {
    const names = [seen].flat();
    const fields = names.map((name) => located([...path, 'seen'], () => compileField(name)));
    for (const other of [field, ...fields]) {
      if (other.frameRow !== null) throw new DocumentError(path, `seen is for fields of layers, not ${other.name}`);
      if (kindOf(other) !== kindOf(field)) {
        throw new DocumentError(path, `${field.name} is ${kindOf(field)}, and ${other.name} is ${kindOf(other)}`);
      }
    }
    const { text, test } = this.#pattern(match, undefined, [...path, 'in']);
    const source = this.#sources.push({ fields, test }) - 1;
    return {
      field,
      expected: `seen as ${names.join(' or ')} where ${text}`,
      test: null,
      value: null,
      source,
      name: -1,
    };
  }

  #conditions(match: MatchDocument, path: DocumentPath, mayBind: boolean): Condition[] {
    return Object.entries(match).map(([key, value]) => {
      const at = [...path, key];
      const field = located(at, () => compileField(key));
      if (isSeen(value)) {
        if (!mayBind) throw new DocumentError(at, 'seen is for steps only');
        return this.#seen(field, value, at);
      }
      const values = (Array.isArray(value) ? value : [value]) as readonly (string | number)[];
      const [first] = values;
      if (typeof first === 'string' && first.startsWith('$') && values.length === 1) {
        if (!mayBind) throw new DocumentError(at, `${first}: names bind in steps only`);
        if (first === '$') throw new DocumentError(at, '$ is no name: write one behind it, such as $vm1');
        const name = this.#names.use(first.slice(1), field, this, at);
        this.#uses.set(name, [...(this.#uses.get(name) ?? []), this.#around]);
        return { field, expected: first, test: null, value: null, source: -1, name };
      }
      const literals = values.map(String);
      return {
        field,
        expected: literals.join(' or '),
        test: located(at, () => compileFieldTest(field, literals)),
        value: soleValue(field, literals),
        source: -1,
        name: -1,
      };
    });
  }
}

function isSeen(value: MatchDocument[string]): value is SeenDocument {
  return typeof value === 'object' && !Array.isArray(value);
}

/** A group's steps are bits of one number. */
const MAX_UNORDERED = 30;

function neverEmpty(step: StepDocument): boolean {
  if ('repeat' in step) return (step.repeat.min ?? 1) > 0 && step.steps.some(neverEmpty);
  if ('unordered' in step) return step.unordered.some(({ optional }) => optional !== true);
  return step.optional !== true;
}

function allOf(tests: readonly FieldTest[]): FieldTest {
  const [only] = tests;
  if (tests.length === 1 && only !== undefined) return only;
  return (frame) => {
    for (let index = 0; index < tests.length; index++) if (!(tests[index] as FieldTest)(frame)) return false;
    return true;
  };
}

function hasLayer(name: string): (frame: Frame) => boolean {
  const kinds = LAYER_NAMES.map((known) => known === name);
  return ({ stack }) => {
    for (let index = 0; index < stack.depth; index++) {
      if (kinds[stack.kinds[index] as number] && !isQuoted(stack, index)) return true;
    }
    return false;
  };
}

/** `1.5s`, `100ms`, `50us`, `10ns`; the schema has seen to its form. */
function durationNs(text: string): number {
  const [, value, unit] = /^([\d.]+)(s|ms|us|ns)$/.exec(text) ?? [];
  return Number(value) * { s: 1e9, ms: 1e6, us: 1e3, ns: 1 }[unit as 's' | 'ms' | 'us' | 'ns'];
}

function located<T>(path: DocumentPath, compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    if (error instanceof VxdumpError) throw new DocumentError(path, error.message);
    throw error;
  }
}
