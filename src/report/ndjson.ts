/**
 * Frame records as NDJSON (one a line) and as one JSON array.
 */
import { writeRecord } from './frame-record.js';
import type { FrameReport } from './frame-report.js';

/** A record a line (`--format ndjson`). */
export function ndjsonReport(): FrameReport {
  return {
    head: '',
    frame: (frame, out) => {
      writeRecord(frame, out);
      out.text('\n');
    },
    tail: '',
  };
}

/** All records in one array (`--format json`), a record a line all the same. */
export function jsonReport(): FrameReport {
  let first = true;
  return {
    head: '[',
    frame: (frame, out) => {
      out.text(first ? '\n' : ',\n');
      first = false;
      writeRecord(frame, out);
    },
    tail: '\n]\n',
  };
}
