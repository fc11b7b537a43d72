/**
 * One row of the benchmark, in a process of its own. usage: node test/bench/row.js ROW FILE
 *
 * Prints one line of JSON: what it did and its peak RSS. The parent measures the CPU time.
 */
import { createReadStream } from 'node:fs';

const rows = {
  /** Plain integer work: what this machine gives today. */
  calibration: async () => {
    let state = 1;
    for (let i = 0; i < 400_000_000; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return { state };
  },
  reader: async (path) => {
    const { openCapture } = await import('../../dist/reader.js');
    let frames = 0;
    let bytes = 0;
    for await (const batch of await openCapture(path)) {
      frames += batch.count;
      for (let i = 0; i < batch.count; i++) bytes += batch.capturedLen[i];
    }
    return { frames, bytes };
  },
  j1: async (path) => (await import('./j1.js')).j1(path),
  analyze: async (path) => command('analyze', '--format', 'json', path),
  'read-text': async (path) => command('read', path),
  'read-ndjson': async (path) => command('read', '--format', 'ndjson', path),
  'pcap-parser': async (path) => {
    const { default: pcapParser } = await import('pcap-parser');
    let frames = 0;
    await new Promise((resolve, reject) => {
      const parser = pcapParser.parse(createReadStream(path, { highWaterMark: 256 * 1024 }));
      parser.on('packet', () => frames++);
      parser.on('end', resolve);
      parser.on('error', reject);
    });
    return { frames };
  },
};

/** The command itself, its output counted and dropped. */
async function command(...argv) {
  const { main } = await import('../../dist/cli/program.js');
  let outputBytes = 0;
  const sink = (len) => ({
    isTTY: false,
    columns: 100,
    write: async (data) => {
      if (len) outputBytes += data.length;
      else process.stderr.write(data);
    },
  });
  const signal = new AbortController().signal;
  const exit = await main(argv, { stdout: sink(true), stderr: sink(false), env: process.env, signal });
  if (exit !== 0) throw new Error(`exit ${exit}`);
  return { outputBytes };
}

const [name, path] = process.argv.slice(2);
const result = await rows[name](path);
console.log(JSON.stringify({ ...result, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
