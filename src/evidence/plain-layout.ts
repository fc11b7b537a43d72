/**
 * Tables that plain frames are counted in, by JavaScript (`Flows`, `Repeats`, `RecentFrames`) and by WebAssembly
 * (plain-frames.as.ts) alike: what an entry is, and where the tables lie where both are at work. Numbers alone:
 * AssemblyScript reads them, too. All words are as they lie in memory, little-endian.
 */

/** The most flows at once: 16 bits of a slot number them. */
export const MAX_FLOWS = 32_767;
/** Slots, a power of two, so that at most half of them are taken. A slot: the upper bits of the hash, and the flow's number plus one; 0 where it is free. */
export const SLOT_COUNT = 65_536;
export const SLOT_MASK = SLOT_COUNT - 1;
export const NUMBER_MASK = 0xffff;
/** What the words of a key that differ most are multiplied by, for the hash; then what spreads it. */
export const NETWORK_FACTOR = -0x61c8_864f;
export const LINK_FACTOR = -0x7a14_3595;
export const SOURCE_FACTOR = -0x3d4d_51cb;
export const DESTINATION_FACTOR = 0x27d4_eb2f;
export const PORTS_FACTOR = 0x1656_67b1;

/** Integers of a flow: the key, then these. */
export const FLOW_SHIFT = 4;
export const KEY_LEN = 12;
export const ROW = 12;
export const RECEIVER = 13;
/** Frames that are yet to be told. */
export const FRAMES = 14;
export const LAST_FRAME = 15;
/** Doubles of a flow: bytes that are yet to be told, and when its last frame was seen. */
export const SUM_SHIFT = 1;
export const BYTES = 0;
export const LAST_NS = 1;

/** How many frames back one is compared, a power of two. */
export const FRAMES_BACK = 4;
/** Integers of a frame that others are compared with: its telling word, where it lies in the bytes, its length, and whether it was a repeat itself. */
export const REPEAT_STRIDE = 4;
export const AT = 1;
export const LEN = 2;
export const REPEATED = 3;
/** Behind them: the place of the next. */
export const NEXT_REPEAT = FRAMES_BACK * REPEAT_STRIDE;
/** The word that holds the IP ID behind a plain Ethernet header: where two frames differ, they mostly do here. */
export const TELLING_WORD = 16;

/** Recent frames, a power of two: an error comes within a round trip. By two: the key, and the frame's number. */
export const KEPT = 2048;
/** Behind them: the number of the next. */
export const NEXT_KEPT = KEPT * 2;
/** What the words of a recent frame's key are multiplied by. */
export const RECENT_FACTOR = -0x61c8_864f;

/** Integers of what plain frames in a row are: their bytes, and those of which UDP or TCP is the last layer. */
export const RUN_BYTES = 0;
export const RUN_UDP = 1;
export const RUN_TCP = 2;
export const RUN_LEN = 3;

/** Where the tables lie, bytes from the start of memory: each starts a cache line. */
export const SLOTS_AT = 0;
export const FLOWS_AT = SLOT_COUNT * 4;
export const SUMS_AT = FLOWS_AT + (MAX_FLOWS + 1) * 64;
export const REPEATS_AT = SUMS_AT + (MAX_FLOWS + 1) * 16;
export const REPEAT_TIMES_AT = REPEATS_AT + 128;
export const KEPT_AT = REPEAT_TIMES_AT + 64;
export const RUN_AT = KEPT_AT + (NEXT_KEPT + 16) * 4;
