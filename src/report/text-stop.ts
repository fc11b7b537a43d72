/**
 * What the dissection noted, in brackets behind a line, and a guess at what was not decoded.
 */
import { vxlanHint } from '../dissect/hint.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../wire/stack.js';
import { LEN_SOURCE_NAMES, STOP_NAMES, StopCode } from '../wire/stop.js';
import * as udp from '../wire/udp.js';

/** ` [truncated: udp needs 8 bytes (ip.len), 4 captured]`; empty for a type that is not ours: the line has said it. **Cost** strings. */
export function stopText(stack: LayerStack): string {
  switch (stack.stopCode) {
    case StopCode.Truncated:
    case StopCode.Malformed: {
      const source = LEN_SOURCE_NAMES[stack.stopLenSource];
      const by = source === null || stack.stopLayer === LayerKind.None ? '' : ` (${source})`;
      const there = stack.stopCode === StopCode.Truncated ? 'captured' : 'there';
      return ` [${STOP_NAMES[stack.stopCode]}: ${LAYER_NAMES[stack.stopLayer]} needs ${stack.stopNeeded} bytes${by}, ${stack.stopAvailable} ${there}]`;
    }
    case StopCode.TooDeep:
      return ` [too-deep: more than ${stack.stopAvailable}]`;
    case StopCode.IFlagClear:
      return ' [i-flag-clear]';
    default:
      return '';
  }
}

/** ` [looks like VXLAN vni 5000: --vxlan-port 8472]`; empty where it does not. **Cost** strings. */
export function hintText(stack: LayerStack): string {
  const vni = vxlanHint(stack);
  if (vni < 0) return '';
  const port = udp.destinationPort(stack.bytes, stack.layerAt(stack.depth - 1));
  return ` [looks like VXLAN vni ${vni}: --vxlan-port ${port}]`;
}
