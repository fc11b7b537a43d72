/**
 * Values → bytes, by the table that reads them: a field's bits are those that change what it reads. For frames that are
 * shown as what was expected; lengths and checksums stay as they are.
 */
import type { LayerStack } from '../wire/stack.js';
import type { Field } from './field.js';

/** Headers are shorter: no field lies behind this many bytes of its layer. */
const HEADER_LIMIT = 64;

/**
 * Writes the outermost value that a field has in a frame.
 *
 * @param stack of a frame whose bytes may change; its layers are not walked anew
 * @param words the value: one number, or the four words of an IPv6 address
 * @returns whether the field reads so now: not where it has no value there, or holds none that large
 */
export function writeField(field: Field, stack: LayerStack, words: readonly number[]): boolean {
  if (field.frameRow !== null) return false;
  const position = field.next(stack, 0);
  if (position < 0) return false;
  const { bytes } = stack;
  if (field.type === 'ipv6') {
    const at = field.number(stack, position);
    for (const [index, word] of words.entries()) {
      for (let byte = 0; byte < 4; byte++) bytes[at + 4 * index + byte] = word >>> (24 - 8 * byte);
    }
    return true;
  }
  const read = (): number => field.number(stack, position);
  const value = words[0] as number;
  const { start, end } = field.extent(stack, position);
  // Backwards: lengths and types, which move or hide a field, stand in front of it, and what a bit weighs counts once.
  const settled = new Set<number>();
  for (let at = Math.min(end, start + HEADER_LIMIT) - 1; at >= start; at--) {
    for (let bit = 1; bit <= 0x80; bit <<= 1) {
      const before = read();
      bytes[at] = (bytes[at] as number) ^ bit;
      const after = read();
      const weight = Math.abs(after - before);
      const isOwn = after >= 0 && Number.isInteger(Math.log2(weight)) && !settled.has(weight);
      if (isOwn) settled.add(weight);
      const isWrong = isOwn && Math.floor(before / weight) % 2 !== Math.floor(value / weight) % 2;
      if (!isWrong) bytes[at] = (bytes[at] as number) ^ bit;
    }
  }
  return read() === value;
}
