/**
 * A field's value as conditions and bindings compare it.
 */
import type { Field } from '../fields/field.js';
import { isNumeric } from '../fields/text.js';
import type { LayerStack } from '../wire/stack.js';

/** The value of a field at a position that its `next` gave: as text where it is no number. */
export function valueAt(field: Field, stack: LayerStack, position: number): number | string {
  return isNumeric(field.type) || field.type === 'mac' || field.type === 'ipv4'
    ? field.number(stack, position)
    : field.text(stack, position);
}
