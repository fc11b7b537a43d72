/**
 * Identities of plain frames: TCP, UDP or ICMP echoes over IPv4 without options, whole and to one MAC, bare or in VXLAN.
 * Where all of such a frame lies is known, so WebAssembly reads them, some in a row at a time, and nobody looks at their
 * layers.
 */
import { MAX_RECORDS, RECORDS } from '../../assembly/layout.js';
import { instantiate } from '../../assembly/memory.js';
import { code } from './plain-identity.wasm';
import { STRIDE } from './plain-record.js';

/** As plain-identity.as.ts says. */
type Read = (from: number, count: number, frame: number, baseSeconds: number) => void;

/** Plain frames of one tap. */
export class PlainIdentities {
  /** What was read of them, as plain-record.ts has it. **Lifetime** until the next `read`. */
  records: Int32Array;
  #bytes: Uint8Array;
  #read: Read;

  constructor() {
    this.records = new Int32Array(0);
    this.#bytes = new Uint8Array(0);
    this.#read = () => {};
  }

  /**
   * Reads frames that are known to be plain.
   *
   * @param bytes what they lie in, with the columns of their batch beside it
   * @param from place of the first in the batch
   * @param count 1..`MAX_RECORDS`
   * @param frame the number of the first
   * @param baseSeconds what times are counted from
   *
   * **Cost** no allocation.
   */
  read(bytes: Uint8Array, from: number, count: number, frame: number, baseSeconds: number): void {
    if (bytes !== this.#bytes) this.#hold(bytes);
    this.#read(from, count, frame, baseSeconds);
  }

  #hold(bytes: Uint8Array): void {
    this.#bytes = bytes;
    // What found them to be plain was WebAssembly, too.
    this.#read = (instantiate<{ read: Read }>(bytes, code) as { read: Read }).read;
    this.records = new Int32Array(bytes.buffer, RECORDS, MAX_RECORDS * STRIDE);
  }
}
