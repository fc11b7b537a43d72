/**
 * Where things lie in memory that WebAssembly works in, bytes from its start: tables of who looks at every frame, then the
 * columns of a batch of frames, then the bytes that frames are in. Numbers alone: AssemblyScript reads them, too.
 */

/** Where the columns start. */
export const COLUMNS = 3_670_016;
/** Where the bytes start. */
export const WINDOW = 4_194_304;

/** Frames of a batch beside its bytes, at most: about three batches to a window of small frames. */
export const BATCH_CAPACITY = 4096;

/** The columns of such a batch, as `FrameBatch` has them. */
export const SECONDS = COLUMNS;
export const FRAME_AT = SECONDS + BATCH_CAPACITY * 8;
export const CAPTURED_LEN = FRAME_AT + BATCH_CAPACITY * 4;
export const WIRE_LEN = CAPTURED_LEN + BATCH_CAPACITY * 4;
export const NANOSECONDS = WIRE_LEN + BATCH_CAPACITY * 4;
export const INTERFACE_ID = NANOSECONDS + BATCH_CAPACITY * 4;
export const LINK_TYPE = INTERFACE_ID + BATCH_CAPACITY * 4;
export const GSO = LINK_TYPE + BATCH_CAPACITY * 2;

/** Of frames that are known to be plain, beside those: the row of the sender in the inventory, -1 of one without a tunnel. */
export const SENDER = GSO + BATCH_CAPACITY;
/** And what `evidence/frame-sizes` keeps of each. */
export const SIZE = SENDER + BATCH_CAPACITY * 4;
/** What pairing reads of such frames in a row, so many of them: what lies there is `correlate/identity/plain-record`'s. */
export const RECORDS = SIZE + BATCH_CAPACITY * 4;
export const MAX_RECORDS = 256;
