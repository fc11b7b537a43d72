/**
 * What pairing reads of a plain frame, as WebAssembly writes it: integers from its record's start on. Numbers alone:
 * AssemblyScript reads them, too.
 */

/** When it was seen, ns, not corrected: a double. */
export const TIME = 0;
/** Its number there. */
export const FRAME = 2;
/** Its sender's row in the inventory; -1 of a bare frame. */
export const SENDER = 3;
/** What tells its outer packet from others of its tunnel, and the VNI. */
export const OUTER = 4;
export const VNI = 5;
/** What `Identity` has of it. */
export const KEY = 6;
export const FLAGS = 7;
export const SPAN_KEY = 8;
export const SPAN_FROM = 9;
export const SPAN_LEN = 10;
/** From sixteen bytes' start on. */
export const WORDS = 12;
export const STRIDE = 40;
