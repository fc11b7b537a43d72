/**
 * The walk over the records of a classic file in AssemblyScript: little-endian, not modified, and with nothing that
 * departs from the rule. `PcapWalker` walks the others.
 */
import { BATCH_CAPACITY, CAPTURED_LEN, FRAME_AT, NANOSECONDS, SECONDS, WINDOW, WIRE_LEN } from '../../assembly/layout';
import * as record from './pcap-record';

/**
 * Walks records into the columns of a batch, up to the first that is not whole, is too long, or has a fraction of more
 * than a second.
 *
 * @param from the first record
 * @param end of what was read, exclusive
 * @param limit the longest frame
 * @param perSecond fractions of a second
 * @returns how many frames there are in the batch
 */
export function walk(from: i32, end: i32, limit: u32, perSecond: u32, nanosecondsEach: u32): i32 {
  let count = 0;
  let at = from;
  while (count < BATCH_CAPACITY && end - at >= record.HEADER_LEN) {
    const capturedLen = load<u32>(at, WINDOW + record.CAPTURED_LEN);
    const fraction = load<u32>(at, WINDOW + record.FRACTION);
    const frameAt = at + record.HEADER_LEN;
    if (capturedLen > limit || <i32>capturedLen > end - frameAt || fraction >= perSecond) break;
    store<i32>(count << 2, frameAt, FRAME_AT);
    store<u32>(count << 2, capturedLen, CAPTURED_LEN);
    store<u32>(count << 2, load<u32>(at, WINDOW + record.WIRE_LEN), WIRE_LEN);
    store<f64>(count << 3, load<u32>(at, WINDOW), SECONDS);
    store<u32>(count << 2, fraction * nanosecondsEach, NANOSECONDS);
    count++;
    at = frameAt + <i32>capturedLen;
  }
  return count;
}
