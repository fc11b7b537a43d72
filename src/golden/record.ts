/**
 * A good capture → a golden file. What comes again under the same kind of value becomes a name that binds; what says
 * which frame it is (types, operations, the VNI, broadcast) stays; what no two runs share is left out.
 */
import type { FrameView } from '../dissect/frame.js';
import { VxdumpError } from '../errors.js';
import { compileField, type Field, fieldValues } from '../fields/field.js';
import { MAX_STEPS } from './compile.js';

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

interface Value {
  readonly key: string;
  readonly value: number | string;
  /** Which values it is compared with; null for a constant. */
  readonly kind: string | null;
  readonly chosen: boolean;
}

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
  const steps: { protocols: string; values: Value[] }[] = [];
  for await (const frame of frames) {
    if (steps.length === MAX_STEPS)
      throw new VxdumpError('E_GOLDEN', `more than ${MAX_STEPS} frames: record a shorter capture`);
    steps.push({ protocols: frame.protocols, values: valuesOf(frame) });
  }
  if (steps.length === 0) throw new VxdumpError('E_GOLDEN', 'no frame to record');
  const uses = new Map<string, number>();
  for (const { values } of steps) {
    for (const { kind, value } of values)
      if (kind !== null) uses.set(`${kind} ${value}`, (uses.get(`${kind} ${value}`) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const nameOf = (kind: string, value: number | string): string => {
    const known = names.get(`${kind} ${value}`);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    names.set(`${kind} ${value}`, `$${kind}${count}`);
    return `$${kind}${count}`;
  };
  const lines = [
    'schema: vxdump.golden/1',
    `name: ${JSON.stringify(name)}`,
    ...(tap === null ? [] : [`tap: ${tap}`]),
    'steps:',
  ];
  for (const [index, { protocols, values }] of steps.entries()) {
    lines.push(
      `  - name: ${JSON.stringify(`${index + 1} ${protocols.split(':').slice(-1)}`)}`,
      '    match:',
      `      frame.protocols: ${JSON.stringify(protocols)}`,
    );
    for (const { key, kind, value, chosen } of values) {
      const repeated = kind !== null && (uses.get(`${kind} ${value}`) as number) > 1;
      if (repeated) lines.push(`      ${key}: ${nameOf(kind, value)}`);
      else if (!chosen) lines.push(`      ${key}: ${typeof value === 'number' ? value : JSON.stringify(value)}`);
    }
  }
  return `${lines.join('\n')}\n`;
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
