/**
 * The filter language: text → tree, and back.
 *
 * ```
 * or      = and { ("or" | "||") and }
 * and     = not { ("and" | "&&") not }
 * not     = ("not" | "!") not | "(" or ")" | test
 * test    = NAME [ ("==" | "!=" | "<" | "<=" | ">" | ">=") VALUE | "in" "{" ITEM { [","] ITEM } "}" ] | "vxlan" NUMBER
 * ITEM    = VALUE [ ".." VALUE ]
 * ```
 * A name is a field's or a protocol's, with `inner.`, `outer.`, `#n`. Values are read later, by the field's type.
 */
import { VxdumpError } from '../errors.js';
import type { Operator } from './value-test.js';

/** A value as it was written, and where. */
export interface FilterValue {
  readonly text: string;
  readonly at: number;
}

/** Some values: one, or from one to another. */
export interface FilterItem {
  readonly from: FilterValue;
  readonly to: FilterValue | null;
}

/** A filter as a tree. `at` is where in the text it was. */
export type FilterNode =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly FilterNode[] }
  | { readonly kind: 'not'; readonly part: FilterNode }
  | { readonly kind: 'present'; readonly name: string; readonly at: number }
  | { readonly kind: 'vni'; readonly name: string; readonly at: number; readonly value: FilterValue }
  | {
      readonly kind: 'compare';
      readonly name: string;
      readonly at: number;
      readonly operator: Operator;
      readonly value: FilterValue;
    }
  | { readonly kind: 'in'; readonly name: string; readonly at: number; readonly items: readonly FilterItem[] };

/** A filter that cannot be understood. */
export class FilterError extends VxdumpError {
  /** What is wrong. */
  readonly reason: string;
  /** The filter. */
  readonly text: string;
  /** Where the fault is, 0..text.length. */
  readonly at: number;

  constructor(reason: string, text: string, at: number) {
    super('E_FILTER', `filter: ${reason}`);
    this.reason = reason;
    this.text = text;
    this.at = at;
  }
}

/** Characters of a filter, at most. */
export const MAX_FILTER_LEN = 65_536;
/** Parentheses and negations in each other, at most: it bounds the call stack. */
export const MAX_DEPTH = 100;
/** Values in one set, at most. */
export const MAX_SET = 4096;

/**
 * Reads a filter.
 *
 * @param refuse throws for a name that nothing has: asked for the one in front of a word that fits nowhere, as in `host 10.0.0.1`
 * @throws FilterError (E_FILTER)
 */
export function parseFilter(text: string, refuse: (name: string, at: number) => void = () => {}): FilterNode {
  if (text.length > MAX_FILTER_LEN) {
    throw new FilterError(`more than ${MAX_FILTER_LEN} characters`, text.slice(0, 60), 0);
  }
  return new Parser(text, refuse).filter();
}

/** Writes a tree as text that reads back as the same tree. **Cost** strings. */
export function filterText(node: FilterNode): string {
  switch (node.kind) {
    case 'or':
      return node.parts.map((part) => (part.kind === 'or' ? `(${filterText(part)})` : filterText(part))).join(' or ');
    case 'and':
      return node.parts
        .map((part) => (part.kind === 'or' || part.kind === 'and' ? `(${filterText(part)})` : filterText(part)))
        .join(' and ');
    case 'not':
      return node.part.kind === 'or' || node.part.kind === 'and'
        ? `not (${filterText(node.part)})`
        : `not ${filterText(node.part)}`;
    case 'present':
      return node.name;
    case 'vni':
      return `${node.name} ${node.value.text}`;
    case 'compare':
      return `${node.name} ${node.operator} ${valueText(node.value)}`;
    case 'in':
      return `${node.name} in {${node.items.map(itemText).join(', ')}}`;
  }
}

function itemText({ from, to }: FilterItem): string {
  return to === null ? valueText(from) : `${valueText(from)}..${valueText(to)}`;
}

function valueText({ text }: FilterValue): string {
  return BARE_VALUE.test(text) && !text.includes('..') ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}

interface Token {
  readonly kind: 'word' | 'string' | 'sign' | 'end';
  readonly text: string;
  readonly at: number;
}

const TOKEN = /\s*(?:([\w.:#/%+-]+)|"((?:[^"\\]|\\.)*)"|(&&|\|\||[=!<>]=|[()<>{},!]))/y;
const BARE_VALUE = /^[\w.:#/%+-]+$/;
const OPERATORS: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];
/** Words that are no names. */
const KEYWORDS: readonly string[] = ['and', 'or', 'not', 'in'];

/** Recursive descent, one token ahead. */
class Parser {
  readonly #text: string;
  #token: Token;
  #next = 0;
  #depth = 0;
  readonly #refuse: (name: string, at: number) => void;
  /** The name that the last token was, and stood for itself. */
  #bare: Token | null = null;

  constructor(text: string, refuse: (name: string, at: number) => void) {
    this.#text = text;
    this.#refuse = refuse;
    this.#token = this.#read();
  }

  filter(): FilterNode {
    const node = this.#or();
    if (this.#token.kind !== 'end') throw this.#behind('"and" or "or"');
    return node;
  }

  #or(): FilterNode {
    const parts = [this.#and()];
    while (this.#takes('or', '||')) parts.push(this.#and());
    return parts.length === 1 ? (parts[0] as FilterNode) : { kind: 'or', parts };
  }

  #and(): FilterNode {
    const parts = [this.#not()];
    while (this.#takes('and', '&&')) parts.push(this.#not());
    return parts.length === 1 ? (parts[0] as FilterNode) : { kind: 'and', parts };
  }

  #not(): FilterNode {
    const start = this.#token;
    const negates = this.#takes('not', '!');
    if (!negates && !this.#takes('(', '(')) return this.#test();
    if (++this.#depth > MAX_DEPTH) throw this.#fault(`more than ${MAX_DEPTH} parentheses in each other`, start.at);
    let node: FilterNode;
    if (negates) node = { kind: 'not', part: this.#not() };
    else {
      node = this.#or();
      if (!this.#takes(')', ')')) throw this.#behind('")"');
    }
    this.#depth--;
    return node;
  }

  #test(): FilterNode {
    const { kind, text: name, at } = this.#token;
    if (kind !== 'word' || KEYWORDS.includes(name)) throw this.#unexpected('the name of a field or of a protocol');
    this.#step();
    const { text } = this.#token;
    if (this.#token.kind === 'sign' && OPERATORS.includes(text)) {
      this.#step();
      return { kind: 'compare', name, at, operator: text as Operator, value: this.#value() };
    }
    if (this.#takes('in', 'in')) return { kind: 'in', name, at, items: this.#set() };
    if (/^((inner|outer)\.)?vxlan(#\d+)?$/.test(name) && this.#token.kind === 'word' && /^\d/.test(text)) {
      return { kind: 'vni', name, at, value: this.#value() };
    }
    this.#bare = { kind, text: name, at };
    return { kind: 'present', name, at };
  }

  /** The fault of a token behind a test: a name in front of it that nothing has is the real one. */
  #behind(wanted: string): FilterError {
    const bare = this.#bare;
    if (bare !== null && this.#text.slice(bare.at + bare.text.length, this.#token.at).trim() === '') {
      this.#refuse(bare.text, bare.at);
    }
    return this.#unexpected(wanted);
  }

  #set(): FilterItem[] {
    if (!this.#takes('{', '{')) throw this.#unexpected('"{"');
    const items: FilterItem[] = [];
    do {
      if (items.length === MAX_SET) throw this.#fault(`more than ${MAX_SET} values in a set`, this.#token.at);
      items.push(this.#item());
      this.#takes(',', ',');
    } while (!this.#takes('}', '}'));
    return items;
  }

  #item(): FilterItem {
    const quoted = this.#token.kind === 'string';
    const { text, at } = this.#value();
    const dots = quoted ? -1 : text.indexOf('..');
    if (dots < 0) return { from: { text, at }, to: null };
    const from = { text: text.slice(0, dots), at };
    const to = { text: text.slice(dots + 2), at: at + dots + 2 };
    if (from.text === '' || to.text === '') throw this.#fault('a range is FROM..TO, without blanks', at);
    return { from, to };
  }

  #value(): FilterValue {
    const { kind, text, at } = this.#token;
    if (kind !== 'word' && kind !== 'string') throw this.#unexpected('a value');
    this.#step();
    return { text, at };
  }

  /** Steps over the token if it is one of two spellings of the same. */
  #takes(word: string, sign: string): boolean {
    const { kind, text } = this.#token;
    if (kind === 'string' || kind === 'end' || (text !== word && text !== sign)) return false;
    this.#step();
    return true;
  }

  #step(): void {
    this.#token = this.#read();
  }

  #read(): Token {
    TOKEN.lastIndex = this.#next;
    const match = TOKEN.exec(this.#text);
    if (match === null) {
      const rest = this.#text.slice(this.#next);
      const at = this.#next + (rest.length - rest.trimStart().length);
      if (at === this.#text.length) return { kind: 'end', text: '', at };
      const sign = String.fromCodePoint(this.#text.codePointAt(at) as number);
      if (sign === '=') throw this.#fault('"=" is no operator: write ==', at);
      if (sign === '"') throw this.#fault('the quotation does not end', at);
      throw this.#fault(`"${sign}" has no meaning here`, at);
    }
    this.#next = TOKEN.lastIndex;
    const [, word, quoted, sign] = match;
    const raw = word ?? sign ?? `"${quoted}"`;
    const at = this.#next - raw.length;
    if (quoted !== undefined) return { kind: 'string', text: quoted.replace(/\\(.)/g, '$1'), at };
    return { kind: word === undefined ? 'sign' : 'word', text: raw, at };
  }

  #unexpected(wanted: string): FilterError {
    const { kind, text, at } = this.#token;
    return this.#fault(`${wanted} belongs here, not ${kind === 'end' ? 'the end' : `"${text}"`}`, at);
  }

  #fault(reason: string, at: number): FilterError {
    return new FilterError(reason, this.#text, at);
  }
}
