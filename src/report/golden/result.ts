/**
 * Words that all reporters of golden sequences share.
 */
import type { FrameView } from '../../dissect/frame-view.js';
import { conditionText } from '../../golden/differences.js';
import type { FieldDifference, Row, TapVerdict } from '../../golden/verdict.js';
import { textReport } from '../text-line.js';
import { TextSink } from '../text-sink.js';

/** Its divergence in one sentence; null where there is none. */
export function divergenceText({ divergence, actual, frames }: TapVerdict): string | null {
  if (divergence === null) return null;
  const step = divergence.step === null ? '' : `step ${divergence.step.index}, ${divergence.step.name}`;
  const came = actual?.frame == null ? `the capture ends after frame ${frames}` : `frame ${actual.frame} came instead`;
  switch (divergence.outcome) {
    case 'missing':
      return `${step}: missing; ${came}`;
    case 'order':
      return `${step}: out of order, at frame ${divergence.frame}`;
    case 'field':
      return `${step}: frame ${divergence.frame}: ${divergence.fields.map(differenceText).join('; ')}`;
    default:
      return `frame ${divergence.frame}: extra: ${extraText(divergence)}`;
  }
}

/** Why a frame is one too many. */
export function extraText({ note, step, fields }: Row): string {
  if (note !== null) return note;
  if (step === null) return 'no step explains it';
  const like = `step ${step.index}, ${step.name}`;
  return fields.length === 0 ? `${like}, once more` : `like ${like}, but ${fields.map(differenceText).join('; ')}`;
}

/** `arp.opcode expected 2 (0x2), actual 1 (0x1)`. */
export function differenceText({ field, expected, actual, name }: FieldDifference): string {
  const bound = name === undefined || String(expected) === `$${name}` ? '' : ` (bound as $${name})`;
  return `${field} expected ${numberText(expected)}${bound}, actual ${actual === null ? 'absent' : numberText(actual)}`;
}

function numberText(value: number | string): string {
  return typeof value === 'number' && value > 9 ? `${value} (0x${value.toString(16)})` : String(value);
}

/** What stands in the place of a frame where there is none. */
export const END = 'the end of the capture';

/** A frame as `read -e` prints it. */
export function frameText(view: FrameView): string {
  return lineOf(view, 'clock');
}

/**
 * What was expected at the divergence, for people: the frame as `read -e` prints it, but for its time; where no frame
 * comes near, what its step asks for; null where nobody knows.
 */
export function expectedText({ expected, unaligned }: TapVerdict): string | null {
  if (expected === null) return unaligned === 0 ? END : null;
  const { row, frame } = expected;
  if (frame === null) return row.step?.conditions.map((each) => conditionText(each, row.bound)).join(', ') ?? null;
  const line = lineOf(frame.view, 'none');
  const blank = ' '.repeat(lineOf(frame.view, 'clock').length - line.length);
  return blank + [...frame.words].reduce((text, [value, word]) => text.replaceAll(value, () => word), line);
}

function lineOf(view: FrameView, time: 'clock' | 'none'): string {
  const sink = new TextSink(1024);
  textReport({ digits: 6, linkHeader: true, time }).frame(view, sink);
  return sink.toString().trimEnd();
}
