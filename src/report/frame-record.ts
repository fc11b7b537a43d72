/**
 * The frame record, `vxdump.frame/1` (schema/frame.json): one JSON object a frame. Built as text, because that is what
 * nearly every user of it wants, and fast.
 */
import { type Frame, isQuoted } from '../dissect/frame.js';
import { FIELD_ROWS, type FieldType, type Reader } from '../fields/table.js';
import { isNumeric } from '../fields/text.js';
import { ipv6Text } from '../wire/address.js';
import { LAYER_NAMES, type LayerKind, type LayerStack } from '../wire/stack.js';
import type { Stop } from '../wire/stop.js';
import { rfc3339, timeNsText } from './frame-time.js';
import { TextSink } from './text-sink.js';

/** A frame record as a value. Keys of layers besides these are Wireshark's names less the protocol. */
export interface FrameRecord {
  readonly schema: 'vxdump.frame/1';
  readonly tap: string;
  readonly frame: {
    readonly number: number;
    readonly time_ns?: string;
    readonly time?: string;
    readonly len: number;
    readonly cap_len: number;
    readonly gso?: true;
    readonly interface_id?: number;
    readonly interface_name?: string;
    readonly protocols: string;
  };
  readonly layers: readonly LayerRecord[];
  readonly stop: Stop | null;
}

/** One layer of a frame record. */
export interface LayerRecord {
  readonly layer: string;
  /** Where it starts, in bytes from the frame's first byte. */
  readonly at: number;
  /** Present where the layer lies inside a datagram that an ICMP error quotes. */
  readonly quoted?: true;
  readonly [key: string]: number | string | boolean | undefined;
}

/** A field with its key as JSON, a string's opening quote included. */
interface Column {
  readonly key: Uint8Array;
  readonly type: FieldType;
  readonly read: Reader;
}

/** By kind of layer: what stands before its offset, and its fields in the table's order. */
const OPENINGS: readonly Uint8Array[] = LAYER_NAMES.map((name) => encode(`{"layer":"${name}","at":`));
const COLUMNS: readonly (readonly Column[])[] = LAYER_NAMES.map((layer, kind) =>
  FIELD_ROWS.flatMap((row) => {
    const read = row.readers.get(kind as LayerKind);
    if (read === undefined) return [];
    const quote = isNumeric(row.type) ? '' : '"';
    return [{ key: encode(`,"${row.name.slice(layer.length + 1)}":${quote}`), type: row.type, read }];
  }),
);

/** Writes a frame's record as one line of JSON, without a line end. **Cost** two short strings. */
export function writeRecord(frame: Frame, out: TextSink): void {
  const stack = frame.stack;
  out.text('{"schema":"vxdump.frame/1","tap":');
  out.text(tapJson(frame.tap));
  out.text(',"frame":{"number":');
  out.uint(frame.number);
  writeTime(frame, out);
  out.text(',"len":');
  out.uint(frame.wireLen);
  out.text(',"cap_len":');
  out.uint(frame.capturedLen);
  if (frame.gso) out.text(',"gso":true');
  if (frame.interfaceId > 0 || frame.interfaceName !== null) out.text(`,"interface_id":${frame.interfaceId}`);
  if (frame.interfaceName !== null) out.text(`,"interface_name":${JSON.stringify(frame.interfaceName)}`);
  out.text(',"protocols":"');
  for (let index = 0; index < stack.depth; index++) {
    if (index > 0) out.text(':');
    out.text(LAYER_NAMES[stack.kind(index)]);
  }
  out.text('"},"layers":[');
  for (let index = 0; index < stack.depth; index++) writeLayer(stack, index, out);
  const stop = stack.stop();
  out.text(`],"stop":${stop === null ? 'null' : JSON.stringify(stop)}}`);
}

/** A frame's record as a value. **Cost** an object a layer; it copies all that it holds. */
export function frameRecord(frame: Frame): FrameRecord {
  const out = new TextSink();
  writeRecord(frame, out);
  return JSON.parse(out.toString()) as FrameRecord;
}

function writeTime(frame: Frame, out: TextSink): void {
  const ns = timeNsText(frame);
  if (ns === null) return;
  out.text(',"time_ns":"');
  out.text(ns);
  out.text('"');
  const time = rfc3339(frame);
  if (time === null) return;
  out.text(',"time":"');
  out.text(time);
  out.text('"');
}

function writeLayer(stack: LayerStack, index: number, out: TextSink): void {
  const bytes = stack.bytes;
  const kind = stack.kind(index);
  const at = stack.layerAt(index);
  const end = stack.layerEnd(index);
  if (index > 0) out.text(',');
  out.raw(OPENINGS[kind] as Uint8Array);
  out.uint(at - stack.frameAt);
  if (isQuoted(stack, index)) out.text(',"quoted":true');
  const columns = COLUMNS[kind] as readonly Column[];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Column;
    const value = column.read(bytes, at, end, stack, index);
    if (value === -1) continue;
    out.raw(column.key);
    switch (column.type) {
      case 'mac':
        out.mac(value);
        out.text('"');
        break;
      case 'ipv4':
        out.ipv4(value);
        out.text('"');
        break;
      case 'ipv6':
        out.text(ipv6Text(bytes, value));
        out.text('"');
        break;
      default:
        out.uint(value);
    }
  }
  out.text('}');
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

const lastTap = { name: '', json: '""' };

function tapJson(tap: string): string {
  if (tap !== lastTap.name) {
    lastTap.name = tap;
    lastTap.json = JSON.stringify(tap);
  }
  return lastTap.json;
}
