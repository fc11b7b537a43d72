/**
 * Captures in, layers out, and nothing else of the library: it starts in half the time, and all that is here is in
 * `index.ts` as well.
 */

export { type OpenOptions, openCapture } from './capture/file/open.js';
export type { CaptureInterface, FileSource, FrameBatch, FrameSource, SourceEnd } from './capture/source.js';
export { DEFAULT_VXLAN_PORTS, Dissector, type DissectorOptions, type FrameColumns } from './dissect/dissector.js';
export { type ErrorCode, VxdumpError } from './errors.js';
export { LAYER_NAMES, LayerKind, LayerStack, MAX_LAYERS, MAX_TUNNELS } from './wire/stack.js';
export { LenSource, type Stop, StopCode, type StopName } from './wire/stop.js';
