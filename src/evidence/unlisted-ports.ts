/**
 * UDP payloads that have the shape of VXLAN, to ports of which nobody said that they carry it.
 */
import { vxlanHint } from '../dissect/hint.js';
import type { LayerStack } from '../wire/stack.js';
import { destinationPort } from '../wire/udp.js';
import { FrameList } from './frame-list.js';

/** The most ports that are told apart. */
const MAX_PORTS = 256;

/** Such frames of one tap, by port. */
export class UnlistedPorts {
  readonly byPort: Map<number, FrameList>;

  constructor() {
    this.byPort = new Map();
  }

  /** Looks at a frame that ended at a UDP port which is not known. **Cost** two comparisons for nearly every one. */
  see(frame: number, stack: LayerStack): void {
    if (vxlanHint(stack) < 0) return;
    const port = destinationPort(stack.bytes, stack.layerAt(stack.depth - 1));
    const known = this.byPort.get(port);
    if (known !== undefined) known.add(frame);
    else if (this.byPort.size < MAX_PORTS) {
      const frames = new FrameList();
      frames.add(frame);
      this.byPort.set(port, frames);
    }
  }
}
