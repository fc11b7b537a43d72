/**
 * The frame that a loop reuses: each move dissects the next one of a batch into the same place.
 */
import type { LayerStack } from '../wire/stack.js';
import { Dissector, type DissectorOptions, type FrameColumns } from './dissector.js';
import type { Frame } from './frame.js';
import { FrameView } from './frame-view.js';
import { Outcome, Reassembly } from './reassembly.js';

/** A capture's batch, as far as a cursor needs it. */
export interface TimedColumns extends FrameColumns {
  readonly seconds: Float64Array;
  readonly nanoseconds: Int32Array;
  readonly interfaceId: Int32Array;
  readonly gso?: Uint8Array;
}

/** Interfaces by id: what a cursor needs of a capture's list. */
export type InterfaceNames = readonly { readonly name: string | null }[];

/** What a cursor may be told. */
export interface CursorOptions extends DissectorOptions {
  /** Whether a fragment that makes its datagram whole shows all of it. */
  readonly reassemble?: boolean;
}

/** Dissects frame after frame into one place. **Lifetime** what it shows is the last frame that it was moved to. */
export class FrameCursor implements Frame {
  number: number;
  readonly tap: string;
  interfaceId: number;
  interfaceName: string | null;
  capturedLen: number;
  wireLen: number;
  seconds: number;
  nanoseconds: number;
  gso: boolean;
  stack: LayerStack;
  /** The layers of the frame as it was captured: `stack`, unless that is a datagram put together. */
  readonly captured: LayerStack;
  /** Grows with every move: a view from before is late. */
  generation: number;
  readonly #dissector: Dissector;
  readonly #reassembly: Reassembly | null;

  /** @param tap the tap's name; @param options ports, as the dissector takes them, and whether to put fragments together */
  constructor(tap: string, options: CursorOptions = {}) {
    this.#dissector = new Dissector(options);
    this.number = 0;
    this.tap = tap;
    this.interfaceId = -1;
    this.interfaceName = null;
    this.capturedLen = 0;
    this.wireLen = 0;
    this.seconds = Number.NaN;
    this.nanoseconds = 0;
    this.gso = false;
    this.stack = this.#dissector.stack;
    this.captured = this.stack;
    this.generation = 0;
    this.#reassembly = options.reassemble === true ? new Reassembly(options) : null;
  }

  /**
   * Moves to the capture's next frame and dissects it. Never throws, whatever the bytes.
   *
   * @param batch columns; borrowed until the next move
   * @param index the frame's place in them
   * @param interfaces the capture's interfaces
   *
   * **Cost** no allocation.
   */
  move(batch: TimedColumns, index: number, interfaces: InterfaceNames): void {
    this.generation++;
    this.number++;
    this.capturedLen = batch.capturedLen[index] as number;
    this.wireLen = batch.wireLen[index] as number;
    this.seconds = batch.seconds[index] as number;
    this.nanoseconds = batch.nanoseconds[index] as number;
    this.interfaceId = batch.interfaceId[index] as number;
    this.interfaceName = interfaces[this.interfaceId]?.name ?? null;
    this.gso = batch.gso !== undefined && batch.gso[index] === 1;
    this.#dissector.dissectFrame(batch, index);
    if (this.#reassembly !== null) this.#putTogether(this.#reassembly);
  }

  /** Shows the datagram that the frame makes whole; one inside it in turn, if it makes that whole. */
  #putTogether(reassembly: Reassembly): void {
    this.stack = this.captured;
    const timeNs = this.seconds * 1e9 + this.nanoseconds;
    while (this.stack.fragmentIndex >= 0) {
      const outcome = reassembly.add(this.stack, this.number, timeNs, this.interfaceId);
      if (outcome !== Outcome.Whole) return;
      this.stack = reassembly.whole;
    }
  }

  /** Makes every view of the present frame late: its bytes are about to go. */
  leave(): void {
    this.generation++;
  }

  /** A view of the present frame. **Cost** one object. **Lifetime** until the next move; `pin` it to keep it. */
  view(): FrameView {
    return new FrameView(this, this.stack, this);
  }
}
