/**
 * The pure part of the library: no file, no clock, no Node. It runs in a browser.
 */

export { type Correlated, type CorrelateOptions, correlate } from './correlate/correlate.js';
export type { CorrelatedTap } from './correlate/correlator.js';
export { type FrameRecord, frameRecords } from './correlate/record.js';
export type { BumRow } from './correlate/report/bum.js';
export type { CorrelationRow, FrameReference, HopRow, PairRecord, PathRecord } from './correlate/report/correlation.js';
export type { LatencySummary } from './correlate/taps/latency.js';
export { DEFAULT_VXLAN_PORTS, Dissector, type DissectorOptions, type FrameColumns } from './dissect/dissector.js';

export type { Frame } from './dissect/frame.js';
export { FrameCursor } from './dissect/frame-cursor.js';
export { type DissectOptions, dissect, FrameView, type Layer } from './dissect/frame-view.js';
export { type ErrorCode, VxdumpError } from './errors.js';
export { Evidence } from './evidence/evidence.js';
export { compileField, type Field, fieldText, fieldValues } from './fields/field.js';
export { compileFilter, type FrameTest } from './fields/filter.js';
export { FilterError } from './fields/filter-syntax.js';
export type { Facts, TapFacts } from './findings/facts.js';
export type { Claim, Finding, Rule, Severity } from './findings/finding.js';
export { judge } from './findings/judge.js';
export { RULES } from './findings/registry.js';
export { type CheckOptions, GoldenCheck } from './golden/check.js';
export { parseGolden } from './golden/expectation.js';
export type { Golden, TapGolden } from './golden/golden.js';
export { shippedGolden } from './golden/shipped.js';
export {
  type FieldDifference,
  type GoldenResult,
  passed,
  type Row,
  type SequenceVerdict,
  sequenceVerdict,
  type TapVerdict,
} from './golden/verdict.js';
export type { Endpoint } from './inventory/endpoints.js';
export { Inventory } from './inventory/inventory.js';
export type { Role } from './inventory/tap-tally.js';
export type { Tunnel } from './inventory/tunnels.js';
export type { Vtep } from './inventory/vteps.js';
export { ipv4Text, ipv6Text, macText } from './wire/address.js';
export { LAYER_NAMES, LayerKind, LayerStack, MAX_LAYERS, MAX_TUNNELS } from './wire/stack.js';
export { LenSource, type Stop, StopCode, type StopName } from './wire/stop.js';
