import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withHex } from '../../src/report/hex.js';
import { type TextOptions, textReport } from '../../src/report/text-line.js';
import { framesOf, textOf } from '../helpers/captures.js';
import { hasTool, outputOf } from '../helpers/tool.js';

const DIRECTORY = new URL('../../fixtures/captures/', import.meta.url).pathname;
const CAPTURES = readdirSync(DIRECTORY).filter((name) => name.endsWith('.pcap'));

const STYLES: readonly (readonly [string, readonly string[], Omit<TextOptions, 'digits'>])[] = [
  ['plain', [], {}],
  ['-e', ['-e'], { linkHeader: true }],
  ['-t', ['-t'], { time: 'none' }],
  ['-tt', ['-tt'], { time: 'epoch' }],
  ['-ttt', ['-ttt'], { time: 'delta' }],
  ['-tttt', ['-tttt'], { time: 'date' }],
  ['-ttttt', ['-ttttt'], { time: 'since-first' }],
];

/** Frames that tcpdump shows on one line as we do: without tunnels, whose second line ours puts first. */
describe.runIf(hasTool('tcpdump'))('lines of frames without tunnels against tcpdump', () => {
  for (const [name, args, options] of STYLES) {
    it.each(CAPTURES)(`${name}: %s`, (capture) => {
      const frames = framesOf(DIRECTORY + capture, { vxlanPorts: [4789, 8472] });
      const linesOf = (text: string): string[] => (text === '' ? [] : text.trimEnd().split('\n'));
      const ours = linesOf(textOf(textReport({ ...options, digits: 6 }), frames));
      const theirs = linesOf(outputOf('tcpdump', ['-nn', '-S', ...args, '-r', DIRECTORY + capture]));
      const tunnels = frames.map((frame) => frame.stack.tunnels > 0);
      // tcpdump's second line of a tunnelled frame has no time; of those frames both lines go.
      let line = 0;
      const expected: string[] = [];
      for (const tunnel of tunnels) {
        if (!tunnel) expected.push(comparable(theirs[line] as string));
        line += tunnel ? 2 : 1;
      }
      expect(line).toBe(theirs.length);
      expect(ours.filter((_, index) => !tunnels[index]).map(comparable)).toEqual(expected);
    });
  }
});

describe.runIf(hasTool('tcpdump'))('bytes against tcpdump', () => {
  for (const style of ['x', 'xx', 'X', 'XX'] as const) {
    it.each(CAPTURES)(`-${style}: %s`, (capture) => {
      const dump = (text: string) => text.split('\n').filter((line) => line.startsWith('\t0x'));
      const ours = textOf(withHex(textReport({ digits: 6 }), style), framesOf(DIRECTORY + capture));
      expect(dump(ours)).toEqual(dump(outputOf('tcpdump', ['-nn', `-${style}`, '-r', DIRECTORY + capture])));
    });
  }
});

/** tcpdump names a cooked capture's interfaces after the ones of the machine that it runs on. */
function comparable(line: string): string {
  return line.replace(/\S+ +(In|Out|B|M|P) +(ifindex \d+ )?/, '$1 ');
}
