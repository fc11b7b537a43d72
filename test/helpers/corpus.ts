/** The public captures of the test corpus, which are not part of this project: `VXDUMP_CORPUS` says where they are. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The corpus's directory; null, with one printed line, where the variable is not set. */
export function corpusPath(suite: string): string | null {
  const path = process.env['VXDUMP_CORPUS'];
  if (path === undefined || path === '') {
    console.log(`not run: ${suite}: VXDUMP_CORPUS is not set`);
    return null;
  }
  if (!existsSync(join(path, 'MANIFEST.tsv'))) throw new Error(`VXDUMP_CORPUS is ${path}: no MANIFEST.tsv there`);
  return path;
}

/** A row of the manifest, as much as tests of the readers need. */
export interface ManifestRow {
  readonly path: string;
  readonly fileType: string;
  /** What tshark shows, which counts custom blocks; -1 where it does not read the file. */
  readonly frames: number;
  /** UDP destination ports that carry VXLAN in it; none where it has no tunnel. */
  readonly vxlanPorts: readonly number[];
}

/** The rows of MANIFEST.tsv. */
export function manifest(corpus: string): readonly ManifestRow[] {
  const [head = '', ...lines] = readFileSync(join(corpus, 'MANIFEST.tsv'), 'utf8').trimEnd().split('\n');
  const columns = head.split('\t');
  return lines.map((line) => {
    const cells = line.split('\t');
    const cell = (name: string): string => cells[columns.indexOf(name)] ?? '';
    const frames = /^\d+$/.test(cell('packets')) ? Number(cell('packets')) : -1;
    const vxlanPorts = (cell('udp_dports').match(/\d+/g) ?? []).map(Number);
    return { path: cell('path'), fileType: cell('filetype'), frames, vxlanPorts };
  });
}

/** The captures under lab/, by their path in the corpus. */
export function labCaptures(corpus: string): readonly string[] {
  return readdirSync(join(corpus, 'lab'), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.pcap(ng)?$/.test(path))
    .map((path) => join('lab', path))
    .sort();
}

/** Every capture in the corpus, by its path there. */
export function allCaptures(corpus: string): readonly string[] {
  return readdirSync(corpus, { recursive: true, encoding: 'utf8' })
    .filter((path) => !/\.(md|tsv|json|txt|out)$/.test(path) && statSync(join(corpus, path)).isFile())
    .sort();
}
