/**
 * A frame's bytes in hexadecimal, as tcpdump's -x, -xx, -X and -XX print them.
 */

import { layerAfterLink } from '../dissect/extent.js';
import type { Frame } from '../dissect/frame.js';
import type { FrameReport } from './frame-report.js';

/** tcpdump's switches: `X` adds ASCII, twice includes the link header. */
export type HexStyle = 'x' | 'xx' | 'X' | 'XX';

const BYTES_PER_LINE = 16;
const HEX: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
/** `0000 0000 0000 0000 0000 0000 0000 0000`, and the blank in front. */
const COLUMN_WIDTH = 40;

/** Another report with each frame's bytes behind it. */
export function withHex(report: FrameReport, style: HexStyle): FrameReport {
  return {
    head: report.head,
    frame: (frame, out) => {
      report.frame(frame, out);
      out.text(hexText(frame, style));
    },
    tail: report.tail,
  };
}

/** A frame's captured bytes, sixteen a line. **Cost** strings. */
function hexText(frame: Frame, style: HexStyle): string {
  const stack = frame.stack;
  const bytes = stack.bytes;
  const from = style === 'xx' || style === 'XX' ? stack.frameAt : layerAfterLink(stack);
  const ascii = style === 'X' || style === 'XX';
  let text = '';
  for (let at = from; at < stack.frameEnd; at += BYTES_PER_LINE) {
    const end = Math.min(at + BYTES_PER_LINE, stack.frameEnd);
    let column = '';
    let letters = '';
    for (let i = at; i < end; i++) {
      const value = bytes[i] as number;
      column += (i - at) % 2 === 0 ? ` ${HEX[value]}` : HEX[value];
      letters += value > 0x20 && value < 0x7f ? String.fromCharCode(value) : '.';
    }
    const offset = (at - from).toString(16).padStart(4, '0');
    text += ascii ? `\t0x${offset}: ${column.padEnd(COLUMN_WIDTH)}  ${letters}\n` : `\t0x${offset}: ${column}\n`;
  }
  return text;
}
