/**
 * The memory that the tables of pairing lie in: WebAssembly works on them where it can, JavaScript everywhere.
 */
import { assemblyMemory } from '../../assembly/memory.js';
import { COUNTS, TABLES_END, TIMES, TIMES_AT } from './layout.js';

/** Memory of one pairing, all 0. Layouts say where what lies. */
export class PairingMemory {
  /** As `assemblyMemory` made them; tables count from the start of their buffer. */
  readonly bytes: Uint8Array;
  /** Integers and doubles that several tables have in common. */
  readonly counts: Uint32Array;
  readonly times: Float64Array;

  /** **Cost** some 150 MB of addresses; what is never touched takes no memory. */
  constructor() {
    this.bytes = assemblyMemory(TABLES_END);
    this.counts = this.uint32(0, COUNTS);
    this.times = this.float64(TIMES_AT, TIMES);
  }

  /** So many integers from a place on. **Cost** allocates. */
  int32(at: number, length: number): Int32Array {
    return new Int32Array(this.bytes.buffer, at, length);
  }

  /** The same of which none is negative. */
  uint32(at: number, length: number): Uint32Array {
    return new Uint32Array(this.bytes.buffer, at, length);
  }

  /** The same with doubles. */
  float64(at: number, length: number): Float64Array {
    return new Float64Array(this.bytes.buffer, at, length);
  }
}
