/**
 * IEEE 802.2 logical link control behind an 802.3 length: named, never entered (spanning tree and its like).
 */
import { LayerKind, type LayerStack } from './stack.js';

/** DSAP, SSAP and control: the least there is. */
export const HEADER_LEN = 3;

/** Enters an LLC header and ends the walk. **Stops** truncated, malformed, unsupported. */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Llc, HEADER_LEN)) return LayerKind.None;
  stack.push(LayerKind.Llc, HEADER_LEN);
  return stack.unsupported(LayerKind.Llc);
}
