/**
 * Kernel filters: libpcap's language, compiled by tcpdump into classic BPF.
 *
 * An expression says nothing about VLAN tags, and a tagged tunnel is not to be missed: it is asked of the frame as it
 * is, behind one tag, and behind two. One that names `vlan` itself is taken as it stands.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { VxdumpError } from '../../errors.js';

const run = promisify(execFile);
/** Bytes of an instruction: code 2, jumps 1 and 1, value 4. */
const INSTRUCTION_LEN = 8;
const RETURN = 0x06;
const JUMP = 0x05;
const JUMP_IF_EQUAL = 0x15;
const LOAD_HALF = 0x28;
const COOKED_HEADER_LEN = 20;
/** Classes and modes of loads: from the frame, by a fixed or a computed place. */
const CLASS_MASK = 0x07;
const MODE_MASK = 0xe0;
const LOAD = 0x00;
const LOAD_INDEX = 0x01;
const MODE_ABSOLUTE = 0x20;
const MODE_INDIRECT = 0x40;
const MODE_HEADER_LEN = 0xa0;
/** Where the kernel keeps what a cooked header tells (SKF_AD_OFF and SKF_AD_PROTOCOL, _PKTTYPE, _IFINDEX). */
const ANCILLARY = 0xffff_f000;
const ANCILLARY_OF_COOKED: ReadonlyMap<number, number> = new Map([
  [4, ANCILLARY + 8],
  [10, ANCILLARY + 4],
]);
const TAG_LEN = 4;
const TAG_TYPE_AT = 2;
/** Types of VLAN tags, as libpcap knows them. */
const TAG_TYPES = [0x8100, 0x88a8, 0x9100] as const;
/** Behind which a cooked frame is looked into; the kernel has taken a further one off before. */
const MAX_COOKED_TAGS = 2;

/** Code, jump if true, jump if false, value. */
type Instruction = readonly [number, number, number, number];

/** The expression for frames with up to two tags. */
export function withTags(expression: string): string {
  if (expression === '' || /\bvlan\b/.test(expression)) return expression;
  return `(${expression}) or (vlan and ((${expression}) or (vlan and (${expression}))))`;
}

/**
 * Compiles an expression.
 *
 * @param cooked whether the frames have no link header, as on `any`
 * @param snaplen bytes kept of a frame that passes
 * @param interfaceName for an expression that names `vlan`: what the kernel did with the tag is this interface's matter
 * @returns a program of eight bytes an instruction, in the machine's byte order
 * @throws E_LIVE where there is no tcpdump, or the expression is none
 */
export async function compileKernelFilter(
  expression: string,
  cooked: boolean,
  snaplen: number,
  interfaceName: string,
): Promise<Uint8Array> {
  if (expression === '') return instructions([[RETURN, 0, 0, snaplen]]);
  const live = /\bvlan\b/.test(expression) && !cooked;
  const link = live ? ['-i', interfaceName] : ['-y', cooked ? 'LINUX_SLL2' : 'EN10MB'];
  const text = cooked ? expression : withTags(expression);
  const { stdout } = await run('tcpdump', [...link, '-s', String(snaplen), '-ddd', '--', text]).catch(
    (cause: NodeJS.ErrnoException & { stderr?: string }) => {
      if (cause.code === 'ENOENT') {
        throw new VxdumpError('E_LIVE', '-f needs tcpdump, which compiles the filter: install it', cause);
      }
      const said = (cause.stderr ?? cause.message).split('\n').find((line) => /error|can't|tcpdump:/.test(line)) ?? '';
      throw new VxdumpError('E_FILTER', `-f ${expression}: ${said.replace(/^tcpdump: /, '')}`, cause);
    },
  );
  const rows = stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(' ').map(Number) as unknown as Instruction);
  return instructions(cooked ? cookedProgram(rows) : rows);
}

/** The program once for each number of tags that are left in a frame: libpcap has no `vlan` for cooked headers. */
function cookedProgram(rows: readonly Instruction[]): Instruction[] {
  const program: Instruction[] = [];
  for (let tags = 0; tags <= MAX_COOKED_TAGS; tags++) {
    const own = rows.map((row) => behindTags(row, tags));
    if (tags < MAX_COOKED_TAGS) program.push(...skipIfTagged(tags, own.length));
    program.push(...own);
  }
  return program;
}

/** Jumps over what follows where one more tag comes. */
function skipIfTagged(tags: number, len: number): Instruction[] {
  const [a, b, c] = TAG_TYPES;
  return [
    [LOAD_HALF, 0, 0, typeAt(tags)],
    [JUMP_IF_EQUAL, 2, 0, a],
    [JUMP_IF_EQUAL, 1, 0, b],
    [JUMP_IF_EQUAL, 0, 1, c],
    [JUMP, 0, 0, len],
  ];
}

/** Where the type of what follows so many tags is. */
function typeAt(tags: number): number {
  return tags === 0 ? ANCILLARY : (tags - 1) * TAG_LEN + TAG_TYPE_AT;
}

/** A cooked socket's frames begin behind the header that libpcap's code expects, with the tags that are left. */
function behindTags([code, yes, no, value]: Instruction, tags: number): Instruction {
  const kind = code & CLASS_MASK;
  const mode = code & MODE_MASK;
  const fromFrame = mode === MODE_ABSOLUTE || mode === MODE_INDIRECT || mode === MODE_HEADER_LEN;
  if ((kind !== LOAD && kind !== LOAD_INDEX) || !fromFrame) return [code, yes, no, value];
  if (value >= COOKED_HEADER_LEN) return [code, yes, no, value - COOKED_HEADER_LEN + tags * TAG_LEN];
  if (value === 0) return [code, yes, no, typeAt(tags)];
  const ancillary = ANCILLARY_OF_COOKED.get(value);
  if (ancillary !== undefined) return [code, yes, no, ancillary];
  throw new VxdumpError('E_FILTER', '-f asks for a link header, which frames of "any" do not have; name an interface');
}

function instructions(rows: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(rows.length * INSTRUCTION_LEN);
  const view = new DataView(bytes.buffer);
  const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  for (const [index, [code, yes, no, value]] of rows.entries()) {
    view.setUint16(index * INSTRUCTION_LEN, code, little);
    view.setUint8(index * INSTRUCTION_LEN + 2, yes);
    view.setUint8(index * INSTRUCTION_LEN + 3, no);
    view.setUint32(index * INSTRUCTION_LEN + 4, value, little);
  }
  return bytes;
}
