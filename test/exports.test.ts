/**
 * The public names, and that the pure part runs anywhere. A name more or less here is a line in the changelog.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { ROOT, requireBuilt } from './helpers/built.js';

const CORE = [
  'DEFAULT_VXLAN_PORTS',
  'Dissector',
  'Evidence',
  'FilterError',
  'FrameCursor',
  'FrameView',
  'GoldenCheck',
  'Inventory',
  'LAYER_NAMES',
  'LayerKind',
  'LayerStack',
  'LenSource',
  'MAX_LAYERS',
  'MAX_TUNNELS',
  'RULES',
  'StopCode',
  'VxdumpError',
  'compileField',
  'compileFilter',
  'correlate',
  'dissect',
  'fieldText',
  'fieldValues',
  'frameRecords',
  'ipv4Text',
  'ipv6Text',
  'judge',
  'macText',
  'parseGolden',
  'passed',
  'sequenceVerdict',
  'shippedGolden',
];
const NODE_ONLY = ['analyze', 'checkGolden', 'frames', 'loadGolden', 'openCapture'];

const READER = [
  'DEFAULT_VXLAN_PORTS',
  'Dissector',
  'LAYER_NAMES',
  'LayerKind',
  'LayerStack',
  'LenSource',
  'MAX_LAYERS',
  'MAX_TUNNELS',
  'StopCode',
  'VxdumpError',
  'openCapture',
];

/** Bytes of a module of dist and of the chunks that load with it. */
function loadedBytes(path: string, seen: Set<string> = new Set()): number {
  const url = new URL(path, ROOT);
  if (seen.has(url.href)) return 0;
  seen.add(url.href);
  const text = readFileSync(url, 'utf8');
  const chunks = [...text.matchAll(/^import (?:\{[^}]*\} from )?"(\.[^"]*)";$/gm)];
  return chunks.reduce((sum, [, chunk]) => sum + loadedBytes(new URL(chunk as string, url).href, seen), text.length);
}

/** Ethernet, IPv4, UDP, VXLAN (VNI 5000), Ethernet, ARP request. */
const FRAME =
  '0200000000020200000000010800' +
  '4500004e00014000401100000a0000010a010001' +
  'c00012b5003a0000' +
  '0800000000138800' +
  'ffffffffffff525400000001' +
  '0806' +
  '0001080006040001525400000001c0a80001000000000000c0a80002';

beforeAll(requireBuilt);

describe('vxdump', () => {
  it('exports these names', async () => {
    // By its own name, so that package.json's exports are what resolves it.
    const name = 'vxdump';
    expect(Object.keys(await import(name)).sort()).toEqual([...CORE, ...NODE_ONLY].sort());
  });

  it('gives its types to who imports it', () => {
    const types = readFileSync(new URL('dist/index.d.ts', ROOT), 'utf8');
    for (const name of ['FrameSource', 'FrameBatch', 'Analysis']) expect(types).toContain(name);
  });
});

describe('vxdump/reader', () => {
  it('exports these names, each of them the one of vxdump', async () => {
    const [name, whole] = ['vxdump/reader', 'vxdump'];
    const reader = await import(name);
    expect(Object.keys(reader).sort()).toEqual(READER);
    expect(await import(whole)).toMatchObject({ ...reader });
  });

  it('loads a fifth of what vxdump loads, at most', () => {
    expect(loadedBytes('dist/reader.js') * 5).toBeLessThan(loadedBytes('dist/index.js'));
  });
});

describe('vxdump/core', () => {
  it('exports these names', async () => {
    const name = 'vxdump/core';
    expect(Object.keys(await import(name)).sort()).toEqual(CORE);
  });

  it('bundles for a browser, and dissects where there is no Node', async () => {
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL('dist/core.js', ROOT))],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'vxdump',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const imports = Object.values(bundle.metafile.outputs).flatMap((output) => output.imports);
    expect(imports).toEqual([]);
    const code = bundle.outputFiles[0]?.text ?? '';
    expect(code).not.toMatch(/["'`]node:|\brequire\(/);
    // A bare context has the language and little else: no process, no Buffer, no TextDecoder.
    const context = vm.createContext({ octets: FRAME.match(/../g)?.map((octet) => Number.parseInt(octet, 16)) });
    vm.runInContext(code, context);
    expect(vm.runInContext('typeof process + typeof Buffer + typeof TextDecoder', context)).toBe('undefined'.repeat(3));
    const layers = vm.runInContext(
      'JSON.stringify([...vxdump.dissect(Uint8Array.from(octets)).layers()].map((layer) => layer.name))',
      context,
    );
    expect(JSON.parse(layers)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'arp']);
  });
});
