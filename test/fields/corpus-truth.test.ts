/**
 * Captures that nobody here wrote, frame by frame against what tshark read in them. They lie at VXDUMP_CORPUS.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/file/open.js';
import { DEFAULT_VXLAN_PORTS } from '../../src/dissect/dissector.js';
import { FrameCursor } from '../../src/dissect/frame-cursor.js';
import { compileField, type Field, fieldText } from '../../src/fields/field.js';
import { frames } from '../../src/frames.js';
import { textReport } from '../../src/report/text-line.js';
import { TextSink } from '../../src/report/text-sink.js';
import { corpusPath, manifest } from '../helpers/corpus.js';

const corpus = corpusPath('fields against the truth of every VXLAN capture');

/** Columns of the truth that are tshark's own reckoning, or that name its layers. */
const SKIPPED = /^(frame\.protocols|.*\.checksum\.status)$/;
/** Frames longer than an IP length can say: tshark does not read them; the text beside them is right. */
const BIG_TCP = /bigtcp-/;

/** tshark's hexadecimal and boolean values as the decimal ones of vxdump. */
function decimal(text: string, field: Field): string {
  if (field.type === 'mac' || field.type === 'ipv4' || field.type === 'ipv6' || field.type === 'text') return text;
  return text
    .split(',')
    .map((value) => (value.startsWith('0x') ? String(Number(value)) : value))
    .join(',');
}

/** How our values differ from a file's truth, and how many were compared. */
async function compare(truth: string, path: string, vxlanPorts: readonly number[]) {
  const [header, ...rows] = readFileSync(truth, 'utf8').replace(/\n$/, '').split('\n');
  const fields = (header as string).split('\t').map((name) => (SKIPPED.test(name) ? null : compileField(name)));
  const source = await openCapture(path);
  const cursor = new FrameCursor('', { vxlanPorts });
  const differences: string[] = [];
  let compared = 0;
  for await (const batch of source) {
    for (let index = 0; index < batch.count; index++) {
      cursor.move(batch, index, source.interfaces);
      const cells = (rows[cursor.number - 1] ?? '').split('\t');
      for (const [column, field] of fields.entries()) {
        if (field === null) continue;
        const ours = fieldText(field, cursor);
        const theirs = decimal(cells[column] ?? '', field);
        compared++;
        // Values inside a quoted datagram come behind the others, and bare names do not see them.
        const quoted = cursor.stack.quotedIndex >= 0;
        if (quoted ? `${theirs},`.startsWith(ours === '' ? '' : `${ours},`) : theirs === ours) continue;
        differences.push(`frame ${cursor.number} ${field.name}: ours '${ours}', tshark '${theirs}'`);
      }
    }
  }
  if (cursor.number !== rows.length) differences.push(`${cursor.number} frames, tshark ${rows.length}`);
  return { differences, compared };
}

describe.runIf(corpus !== null)('the corpus', () => {
  const folder = corpus ?? '';
  const ports = new Map(corpus === null ? [] : manifest(corpus).map(({ path, vxlanPorts }) => [path, vxlanPorts]));
  const truths = corpus === null ? [] : readdirSync(join(corpus, 'truth')).filter((name) => name.endsWith('.tsv'));

  it.each(truths.filter((name) => !BIG_TCP.test(name)))('%s: no difference', async (name) => {
    const path = name.replace(/\.tsv$/, '').replaceAll('__', '/');
    const named = ports.get(path) ?? [];
    const vxlanPorts = named.length > 0 ? named : DEFAULT_VXLAN_PORTS;
    const { differences, compared } = await compare(join(folder, 'truth', name), join(folder, path), vxlanPorts);
    expect(differences.slice(0, 20)).toEqual([]);
    expect(compared).toBeGreaterThan(0);
  });

  it.each(truths.filter((name) => BIG_TCP.test(name)))('%s: as tcpdump has it', async (name) => {
    const path = join(folder, name.replace(/\.tsv$/, '').replaceAll('__', '/'));
    const expected = readFileSync(path.replace(/\.pcap$/, '.out'), 'utf8');
    const parts = [
      ...expected.matchAll(/\S+ > \S+(?=: )/g),
      ...expected.matchAll(/vni \d+|Flags \[[^\]]*\]|seq \d+:\d+, ack \d+, win \d+|length \d+(?=\n)/g),
    ].map((match) => match[0]);
    expect(parts.length).toBe(6);
    const out = new TextSink();
    const report = textReport({ digits: 6, verbose: 1 });
    for await (const view of frames(await openCapture(path))) {
      report.frame(view, out);
      // Nothing was missed for want of a length.
      expect(view.stop()).toBeNull();
    }
    for (const part of parts) expect(out.toString()).toContain(part);
  });
});
