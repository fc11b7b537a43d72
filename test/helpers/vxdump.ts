/**
 * Runs the command in this process: the same `main` as bin/vxdump.js, with streams of its own.
 */
import { main } from '../../src/cli/program.js';

/** What a run left. */
export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a run's output may go instead of into a string. */
export type Sink = (text: string) => void;

/**
 * Runs one command line, with no colour, no terminal, 100 columns.
 *
 * @param argv the words after the program's name
 * @param onStdout takes what is written to stdout, for output too long to keep
 */
export async function vxdump(argv: readonly string[], onStdout?: Sink): Promise<Outcome> {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const output = (sink: Sink) => {
    const decoder = new TextDecoder();
    return {
      isTTY: false,
      columns: 100,
      write: async (data: string | Uint8Array) =>
        sink(typeof data === 'string' ? data : decoder.decode(data, { stream: true })),
    };
  };
  const exit = await main(argv, {
    stdout: output(onStdout ?? ((text) => stdout.push(text))),
    stderr: output((text) => stderr.push(text)),
    env: { PATH: process.env['PATH'], NO_COLOR: '1', TZ: 'UTC' },
    signal: new AbortController().signal,
    quit: (code) => {
      throw new Error(`quit with ${code}`);
    },
  });
  return { exit, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** Runs `read --format ndjson`. @returns its exit code, and how many records it printed */
export async function readRecords(path: string): Promise<{ exit: number; frames: number; stderr: string }> {
  let frames = 0;
  let last = '';
  const { exit, stderr } = await vxdump(['read', '--format', 'ndjson', path], (text) => {
    const lines = (last + text).split('\n');
    last = lines.pop() as string;
    for (const line of lines) {
      frames++;
      if (!line.startsWith('{') || !line.endsWith('}')) throw new Error(`no record: ${line.slice(0, 200)}`);
    }
  });
  if (last !== '') throw new Error(`a record without its end: ${last.slice(0, 200)}`);
  return { exit, frames, stderr };
}
