/**
 * The frame record, `vxdump.frame/1` (schema/frame.json): one JSON object a frame. Built as text, because that is what
 * nearly every user of it wants, and fast.
 */
import { type Frame, isQuoted, protocols } from '../dissect/frame.js';
import type { FieldType } from '../fields/table.js';
import { FIELD_ROWS, type Reader } from '../fields/table.js';
import { isNumeric, valueText } from '../fields/text.js';
import type { LayerStack } from '../wire/stack.js';
import { LAYER_NAMES } from '../wire/stack.js';
import type { Stop } from '../wire/stop.js';
import { rfc3339, timeNsText } from './frame-time.js';

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

/** A field with its key as JSON. */
interface Column {
  readonly key: string;
  readonly type: FieldType;
  readonly numeric: boolean;
  readonly read: Reader;
}

/** By kind of layer: what stands before its offset, and its fields in the table's order. */
const OPENINGS: readonly string[] = LAYER_NAMES.map((name) => `{"layer":"${name}","at":`);
const COLUMNS: readonly (readonly Column[])[] = LAYER_NAMES.map((layer, kind) =>
  FIELD_ROWS.flatMap((row) =>
    [...row.readers]
      .filter(([of]) => of === kind)
      .map(([, read]) => ({
        key: `,"${row.name.slice(layer.length + 1)}":`,
        type: row.type,
        numeric: isNumeric(row.type),
        read,
      })),
  ),
);

/** A frame's record as one line of JSON, without a line end. **Cost** strings. */
export function frameJson(frame: Frame): string {
  const stack = frame.stack;
  let text = `{"schema":"vxdump.frame/1","tap":${tapJson(frame.tap)},"frame":{"number":${frame.number}`;
  const ns = timeNsText(frame);
  if (ns !== null) text += `,"time_ns":"${ns}"`;
  const time = rfc3339(frame);
  if (time !== null) text += `,"time":"${time}"`;
  text += `,"len":${frame.wireLen},"cap_len":${frame.capturedLen}`;
  if (frame.interfaceName !== null) {
    text += `,"interface_id":${frame.interfaceId},"interface_name":${JSON.stringify(frame.interfaceName)}`;
  }
  text += `,"protocols":"${protocols(stack)}"},"layers":[`;
  for (let index = 0; index < stack.depth; index++) text += layerJson(stack, index);
  const stop = stack.stop();
  return `${text}],"stop":${stop === null ? 'null' : JSON.stringify(stop)}}`;
}

/** A frame's record as a value. **Cost** an object a layer; it copies all that it holds. */
export function frameRecord(frame: Frame): FrameRecord {
  return JSON.parse(frameJson(frame)) as FrameRecord;
}

function layerJson(stack: LayerStack, index: number): string {
  const bytes = stack.bytes;
  const kind = stack.kind(index);
  const at = stack.layerAt(index);
  const end = stack.layerEnd(index);
  let text = (index === 0 ? '' : ',') + OPENINGS[kind] + (at - stack.frameAt);
  if (isQuoted(stack, index)) text += ',"quoted":true';
  const columns = COLUMNS[kind] as readonly Column[];
  for (let i = 0; i < columns.length; i++) {
    const column = columns[i] as Column;
    const value = column.read(bytes, at, end, stack, index);
    if (value === -1) continue;
    if (column.numeric) text += column.key + value;
    else text += `${column.key}"${valueText(column.type, value, bytes)}"`;
  }
  return `${text}}`;
}

let cachedTap = '';
let cachedTapJson = '""';

function tapJson(tap: string): string {
  if (tap !== cachedTap) {
    cachedTap = tap;
    cachedTapJson = JSON.stringify(tap);
  }
  return cachedTapJson;
}
