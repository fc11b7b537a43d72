import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileField, fieldText } from '../../src/fields/field.js';
import { ALIAS_ROWS, FIELD_ROWS, FRAME_ROWS } from '../../src/fields/table.js';
import { LAYER_NAMES } from '../../src/wire/stack.js';
import { framesOf } from '../helpers/captures.js';
import { joinCaptures, originOf } from '../helpers/joined-captures.js';
import { hasTool, outputOf } from '../helpers/tool.js';

const CAPTURES = readdirSync('fixtures/captures')
  .filter((name) => name.endsWith('.pcap'))
  .map((name) => join('fixtures/captures', name));
const NAMES = [...FRAME_ROWS, ...FIELD_ROWS, ...ALIAS_ROWS].map((row) => row.name);
const VXLAN_PORTS = [4789, 8472];

/** Rows whose values are not compared with tshark's, and why. */
const NOT_COMPARED: Readonly<Record<string, string>> = {
  'frame.protocols': 'ours leaves out ethertype and data, and the layers that we do not enter',
  'frame.interface_id': 'tshark numbers the one interface of a classic file',
  'frame.interface_name': 'tshark makes up a name for a classic file',
};

describe.runIf(hasTool('tshark'))('the field table against tshark', () => {
  it('has no name that tshark does not have', () => {
    const known = new Set(
      outputOf('tshark', ['-G', 'fields'])
        .split('\n')
        .map((line) => line.split('\t')[2]),
    );
    expect(NAMES.filter((name) => !known.has(name))).toEqual([]);
  });

  const folder = mkdtempSync(join(tmpdir(), 'vxdump-tshark-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const joined = joinCaptures(CAPTURES, folder);

  it('has every capture of the project to read', () => {
    expect(joined.flatMap(({ parts }) => parts).length).toBeGreaterThan(0.9 * CAPTURES.length);
  });

  it.each(joined)('reads $path as tshark does: all captures of its kind', (capture) => {
    const compared = NAMES.filter((name) => NOT_COMPARED[name] === undefined).map(compileField);
    const output = outputOf('tshark', [
      ...['-n', '-r', capture.path, '-T', 'fields', '-E', 'occurrence=a'],
      ...['-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE', '-o', 'tcp.relative_sequence_numbers:FALSE'],
      ...VXLAN_PORTS.flatMap((port) => ['-d', `udp.port==${port},vxlan`]),
      ...compared.flatMap(({ name }) => ['-e', name]),
    ]);
    const rows = output.replace(/\n$/, '').split('\n');
    const frames = framesOf(capture.path, { vxlanPorts: VXLAN_PORTS });
    expect(frames.length).toBe(rows.length);
    const differences: string[] = [];
    for (const [index, frame] of frames.entries()) {
      const cells = (rows[index] as string).split('\t');
      for (const [column, field] of compared.entries()) {
        const { name, type } = field;
        const ours = fieldText(field, frame);
        let theirs = decimal(cells[column] as string, type);
        // tshark files IPv6's version under ip.version, too, wherever that is.
        if (name === 'ip.version')
          theirs = theirs
            .split(',')
            .filter((version) => version !== '6')
            .join(',');
        // tshark also shows what lies in quoted datagrams, behind the rest.
        const same =
          frame.stack.quotedIndex < 0 ? theirs === ours : `${theirs},`.startsWith(ours === '' ? '' : `${ours},`);
        if (!same) differences.push(`${originOf(capture, index + 1)} ${name}: ours '${ours}', tshark '${theirs}'`);
      }
    }
    expect(differences).toEqual([]);
  });
});

describe('the field table', () => {
  it('names each row after its layer, once', () => {
    for (const row of FIELD_ROWS) {
      for (const kind of row.readers.keys()) expect(row.name.startsWith(`${LAYER_NAMES[kind]}.`)).toBe(true);
    }
    expect(new Set(NAMES).size).toBe(NAMES.length);
  });

  it('has no key that records need for themselves', () => {
    for (const row of FIELD_ROWS) expect(row.name).not.toMatch(/\.(layer|at|quoted)$/);
  });
});

/** tshark's hexadecimal numbers as decimal ones, which is how vxdump writes all numbers. */
function decimal(text: string, type: string): string {
  if (type === 'mac' || type === 'ipv4' || type === 'ipv6' || type === 'text') return text;
  return text
    .split(',')
    .map((value) =>
      value === 'True' ? '1' : value === 'False' ? '0' : value.startsWith('0x') ? String(Number(value)) : value,
    )
    .join(',');
}
