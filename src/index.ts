/**
 * The library, on Node: captures in, frames and reports out.
 */
export type { Analysis, CaptureSummary } from './analysis.js';
export { type AnalyzeOptions, analyze } from './analyze.js';
export { type OpenOptions, openCapture } from './capture/file/open.js';
export type {
  CaptureFormat,
  CaptureInterface,
  Compression,
  FileSource,
  FrameBatch,
  FrameSource,
  SourceEnd,
} from './capture/source.js';
export { type CheckGoldenOptions, checkGolden, loadGolden } from './check-golden.js';
export * from './core.js';
export { type FramesOptions, frames } from './frames.js';
