/**
 * Captures for tests: every frame of a file, pinned.
 */
import { readFileSync } from 'node:fs';
import type { Frame } from '../../src/dissect/frame.js';
import { FrameCursor } from '../../src/dissect/frame-cursor.js';
import type { FrameView } from '../../src/dissect/frame-view.js';
import type { FrameReport } from '../../src/report/frame-report.js';
import { TextSink } from '../../src/report/text-sink.js';

/** All frames of a classic capture of this project's own making. */
export function framesOf(path: string, options: { tap?: string; vxlanPorts?: readonly number[] } = {}): FrameView[] {
  const bytes = readFileSync(path);
  const magic = bytes.readUInt32LE(0);
  const unit = magic === 0xa1b23c4d ? 1 : 1000;
  if (magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d) throw new Error(`${path}: not a classic little-endian capture`);
  const linkType = bytes.readUInt32LE(20) & 0xffff;
  const cursor = new FrameCursor(options.tap ?? '', options);
  const views: FrameView[] = [];
  for (let at = 24; at < bytes.length; ) {
    const capturedLen = bytes.readUInt32LE(at + 8);
    const columns = {
      bytes,
      at: Int32Array.of(at + 16),
      capturedLen: Int32Array.of(capturedLen),
      wireLen: Uint32Array.of(bytes.readUInt32LE(at + 12)),
      seconds: Float64Array.of(bytes.readUInt32LE(at)),
      nanoseconds: Int32Array.of(bytes.readUInt32LE(at + 4) * unit),
      linkType: Uint16Array.of(linkType),
      interfaceId: Int32Array.of(0),
    };
    cursor.move(columns, 0, [{ name: null }]);
    views.push(cursor.view().pin());
    at += 16 + capturedLen;
  }
  return views;
}

/** Frames in file order, as a report takes them. */
export function textOf(report: FrameReport, frames: readonly Frame[]): string {
  const out = new TextSink();
  out.text(report.head);
  for (const frame of frames) report.frame(frame, out);
  out.text(report.tail);
  return out.toString();
}
