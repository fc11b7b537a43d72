/**
 * A good capture → a golden file. What comes again under the same kind of value becomes a name that binds; what says
 * which frame it is (types, operations, the VNI, broadcast) stays; what no two runs share is left out. Frames that come
 * several times in a row, as the request and reply of a ping do, are one repeat, from once to as often as they came.
 */
import type { FrameView } from '../dissect/frame-view.js';
import { VxdumpError } from '../errors.js';
import { compileField, type Field, fieldValues } from '../fields/field.js';
import { MAX_STEPS } from './compile.js';
import { type Block, fold, type Recorded, type Value } from './fold.js';
import { EDITOR_LINE } from './schema.js';

/** Constants: they say what the frame is. */
const CONSTANT = ['vxlan.vni', 'arp.opcode', 'icmp.type', 'icmpv6.type'];
/** Names where they come again, else constants: MACs and addresses. */
const ADDRESSES: readonly [string, string][] = [
  ['eth.src', 'mac'],
  ['eth.dst', 'mac'],
  ['arp.src.hw_mac', 'mac'],
  ['arp.dst.hw_mac', 'mac'],
  ['arp.src.proto_ipv4', 'ip'],
  ['arp.dst.proto_ipv4', 'ip'],
  ['ip.src', 'ip'],
  ['ip.dst', 'ip'],
  ['ipv6.src', 'ip6'],
  ['ipv6.dst', 'ip6'],
];
/** Names where they come again, else nothing: a run chooses them afresh. */
const CHOSEN: readonly [string, string][] = [
  ['icmp.ident', 'ident'],
  ['icmp.seq', 'seq'],
  ['icmpv6.echo.identifier', 'ident'],
  ['icmpv6.echo.sequence_number', 'seq'],
  ['tcp.srcport', 'port'],
  ['tcp.dstport', 'port'],
  ['inner.udp.srcport', 'port'],
  ['inner.udp.dstport', 'port'],
];

/**
 * Writes a golden.
 *
 * @param frames of the capture @param name the golden's @param tap its role, where known
 * @returns YAML
 * @throws `E_GOLDEN` for a capture without frames, or with more than a golden may have
 */
export async function recordSequence(
  frames: AsyncIterable<FrameView> | Iterable<FrameView>,
  name: string,
  tap: string | null,
): Promise<string> {
  const recorded: Recorded[] = [];
  for await (const frame of frames) {
    if (recorded.length === MAX_STEPS)
      throw new VxdumpError('E_GOLDEN', `more than ${MAX_STEPS} frames: record a shorter capture`);
    recorded.push({ protocols: frame.protocols, values: valuesOf(frame) });
  }
  if (recorded.length === 0) throw new VxdumpError('E_GOLDEN', `${name}: no frame to record`);
  const blocks = fold(recorded);
  const names = new Names(blocks);
  const lines = [
    EDITOR_LINE,
    'schema: vxdump.golden/1',
    `name: ${JSON.stringify(name)}`,
    ...(tap === null ? [] : [`tap: ${tap}`]),
    'steps:',
  ];
  let number = 0;
  for (const block of blocks) {
    const indent = block.rounds > 1 ? '      ' : '  ';
    if (block.rounds > 1) lines.push(`  - repeat: { min: 1, max: ${block.rounds} }`, '    steps:');
    for (const { protocols, values } of block.frames) {
      number++;
      lines.push(
        `${indent}- name: ${JSON.stringify(`${number} ${protocols.split(':').at(-1) || 'frame'}`)}`,
        `${indent}  match:`,
        `${indent}    frame.protocols: ${JSON.stringify(protocols)}`,
      );
      for (const value of values) {
        const text = names.textOf(value, block);
        if (text !== null) lines.push(`${indent}    ${value.key}: ${text}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Names for values that come again: one for a value in the whole file, but one of its own for each repeat in which it changes. */
class Names {
  readonly #uses = new Map<string, number>();
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #blocks: readonly Block[];

  constructor(blocks: readonly Block[]) {
    this.#blocks = blocks;
    for (const block of blocks) {
      for (const { values } of block.frames) {
        for (const value of values) {
          const key = this.#keyOf(value, block);
          this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
        }
      }
    }
  }

  /** What the file says for a value; null for nothing. */
  textOf(value: Value, block: Block): string | null {
    const key = this.#keyOf(value, block);
    if (value.kind !== null && (this.#uses.get(key) as number) > 1) return this.#nameOf(value.kind, key);
    if (value.chosen) return null;
    return typeof value.value === 'number' ? String(value.value) : JSON.stringify(value.value);
  }

  #nameOf(kind: string, key: string): string {
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    this.#names.set(key, `$${kind}${count}`);
    return `$${kind}${count}`;
  }

  #keyOf({ kind, value }: Value, block: Block): string {
    const key = `${kind} ${value}`;
    return block.changing.has(key) ? `${key} ${this.#blocks.indexOf(block)}` : key;
  }
}

/** What a frame is recorded by, each under the name that finds it. */
function valuesOf(frame: FrameView): Value[] {
  const sides = frame.stack.tunnelIndex >= 0 ? ['outer.', 'inner.'] : [''];
  const values: Value[] = [];
  const add = (name: string, kind: string | null, chosen: boolean): void => {
    const [value] = fieldValues(field(name), frame);
    if (value === undefined) return;
    // A group or broadcast address, and one that is nobody's, says what the frame is for.
    const common = kind === 'mac' && (Number.parseInt(String(value), 16) % 2 === 1 || value === '00:00:00:00:00:00');
    // What an ARP request has for its target's MAC is up to the sender's system.
    if (common && name.endsWith('arp.dst.hw_mac')) return;
    values.push({ key: name, value, kind: common ? null : kind, chosen });
  };
  for (const name of CONSTANT) add(name, null, false);
  for (const side of sides) for (const [name, kind] of ADDRESSES) add(`${side}${name}`, kind, false);
  for (const [name, kind] of CHOSEN) if (!name.startsWith('inner.') || sides.length > 1) add(name, kind, true);
  return values;
}

const FIELDS = new Map<string, Field>();

function field(name: string): Field {
  const known = FIELDS.get(name) ?? compileField(name);
  FIELDS.set(name, known);
  return known;
}
