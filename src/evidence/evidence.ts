/**
 * Evidence: what single frames show that a finding may stand on, gathered in the one pass, tap by tap. What a frame
 * shows together with its twins at other taps is pairing's; what becomes of it all is for `findings` to say.
 *
 * One file for each thing that is looked at. A new one is a field here and the line in `see` that calls it, behind the
 * cheapest test that tells whether there is anything to look at.
 */
import type { DissectorOptions } from '../dissect/dissector.js';
import type { Inventory } from '../inventory/inventory.js';
import { isVxlan, type LayerStack } from '../wire/stack.js';
import { Checksums } from './checksums.js';
import { Fragments } from './fragments.js';
import { FrameSizes } from './frame-sizes.js';
import { HeaderBits } from './header-bits.js';
import { IcmpErrors } from './icmp-errors.js';
import { Senders } from './senders.js';

/** What the frames of one tap show. */
export class Evidence {
  readonly headerBits: HeaderBits;
  readonly fragments: Fragments;
  readonly icmpErrors: IcmpErrors;
  readonly frameSizes: FrameSizes;
  readonly checksums: Checksums;
  readonly senders: Senders;

  constructor(inventory: Inventory, options: DissectorOptions) {
    this.headerBits = new HeaderBits();
    this.fragments = new Fragments(inventory, options);
    this.icmpErrors = new IcmpErrors();
    this.frameSizes = new FrameSizes();
    this.checksums = new Checksums();
    this.senders = new Senders();
  }

  /**
   * Looks at a frame.
   *
   * @param frame its number, from 1
   * @param timeNs when it was seen, ns since the start of the analysis, not corrected; NaN where it has no time
   * @param row of its innermost tunnel and inner sender in the inventory; -1 without one
   *
   * **Cost** amortised no allocation for common frames.
   */
  see(frame: number, timeNs: number, stack: LayerStack, row: number): void {
    this.icmpErrors.see(frame, stack);
    this.frameSizes.see(frame, stack, row);
    this.checksums.see(frame, stack, row);
    if (stack.tunnelIndex < 0) return;
    this.headerBits.see(frame, stack);
    if (row >= 0 && isVxlan(stack.kinds[stack.tunnelIndex])) this.senders.see(frame, timeNs, stack, row);
  }
}
