/**
 * Values as text: decimal numbers, addresses in their usual forms.
 */
import { ipv4Text, ipv6Text, macText } from '../wire/address.js';
import type { FieldType } from './table.js';

/** A value of a layer's field as text. @param value as the field's reader gave it. **Cost** one string. */
export function valueText(type: FieldType, value: number, bytes: Uint8Array): string {
  switch (type) {
    case 'mac':
      return macText(value);
    case 'ipv4':
      return ipv4Text(value);
    case 'ipv6':
      return ipv6Text(bytes, value);
    default:
      return String(value);
  }
}

/** Whether values of a type are numbers in records; the others are strings. */
export function isNumeric(type: FieldType): boolean {
  return type === 'uint' || type === 'hex' || type === 'flag';
}

/** Text that came from a file, made safe for a terminal and for one line: control characters as `\xNN`. **Cost** one string. */
export function printable(text: string): string {
  return text.replace(CONTROL, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is after.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
