/**
 * The fenced blocks of a Markdown text that claim something: commands with their output, and programs with theirs.
 */

/** A `$ command` line of a `console` block and what it claims to print. */
export interface Transcript {
  readonly command: string;
  readonly output: string;
  /** Lines of the output in the text, counted from 0: from `line` to before `endLine`. */
  readonly line: number;
  readonly endLine: number;
}

/** A `ts` block and, where a `text` block follows it at once, what it claims to print. */
export interface Program {
  readonly code: string;
  readonly output: string | null;
  readonly line: number;
  readonly endLine: number;
}

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
  /** The line of its opening fence. */
  readonly start: number;
  /** The line of its closing fence. */
  readonly end: number;
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split('\n');
  for (let start = 0; start < lines.length; start++) {
    const fence = /^```(\w*)/.exec(lines[start] as string);
    if (fence === null) continue;
    let end = start + 1;
    while (end < lines.length && lines[end] !== '```') end++;
    if (end === lines.length) throw new Error(`line ${start + 1}: a block without an end`);
    blocks.push({ language: fence[1] as string, lines: lines.slice(start + 1, end), start, end });
    start = end;
  }
  return blocks;
}

/** The commands of all `console` blocks, in order. A block that does not start with `$ ` is an error. */
export function transcriptsOf(markdown: string): Transcript[] {
  const found: Transcript[] = [];
  for (const { language, lines, start } of blocksOf(markdown)) {
    if (language !== 'console') continue;
    if (lines[0]?.startsWith('$ ') !== true) throw new Error(`line ${start + 1}: a console block starts with "$ "`);
    for (let at = 0; at < lines.length; ) {
      const command = (lines[at] as string).slice(2);
      const from = ++at;
      while (at < lines.length && lines[at]?.startsWith('$ ') !== true) at++;
      const output = lines.slice(from, at).map((line) => `${line}\n`);
      found.push({ command, output: output.join(''), line: start + 1 + from, endLine: start + 1 + at });
    }
  }
  return found;
}

/** The `ts` blocks, in order. */
export function programsOf(markdown: string): Program[] {
  const blocks = blocksOf(markdown);
  const lines = markdown.split('\n');
  return blocks.flatMap((block, index) => {
    if (block.language !== 'ts') return [];
    const next = blocks[index + 1];
    const follows = next?.language === 'text' && lines.slice(block.end + 1, next.start).every((line) => line === '');
    const output = follows ? next.lines.map((line) => `${line}\n`).join('') : null;
    const code = block.lines.join('\n');
    return [{ code, output, line: (follows ? next : block).start + 1, endLine: (follows ? next : block).end }];
  });
}

/** Puts other outputs in place of those that the blocks have; the rest of the text stays as it is. */
export function withOutputs(
  markdown: string,
  outputs: readonly { readonly line: number; readonly endLine: number; readonly output: string }[],
): string {
  const lines = markdown.split('\n');
  for (const { line, endLine, output } of [...outputs].sort((a, b) => b.line - a.line)) {
    lines.splice(line, endLine - line, ...(output === '' ? [] : output.replace(/\n$/, '').split('\n')));
  }
  return lines.join('\n');
}
