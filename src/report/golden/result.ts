/**
 * Words that all reporters of golden sequences share.
 */
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

/** A row's frame as `read` prints it; null where it was not kept. */
export function frameText({ view }: Row): string | null {
  if (view === null) return null;
  const sink = new TextSink(1024);
  textReport({ digits: 6, linkHeader: true }).frame(view, sink);
  return sink.toString().trimEnd();
}
