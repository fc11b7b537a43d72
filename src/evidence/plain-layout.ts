/**
 * Tables that plain frames are counted in, by JavaScript (`Flows`, `Repeats`, `RecentFrames`) and by WebAssembly
 * (plain-frames.as.ts) alike: what an entry is, and where the tables lie where both are at work. Numbers alone:
 * AssemblyScript reads them, too. All words are as they lie in memory, little-endian.
 */

/** The most flows at once. */
export const MAX_FLOWS = 32_767;
/** Slots, a power of two, so that at most half of them are taken. A slot, 16 bits: the flow's number plus one; 0 where it is free. */
export const SLOT_COUNT = 65_536;
export const SLOT_MASK = SLOT_COUNT - 1;
/** What the words of a key that differ most are multiplied by, for the hash; then what spreads it. */
export const NETWORK_FACTOR = -0x61c8_864f;
export const LINK_FACTOR = -0x7a14_3595;
export const SOURCE_FACTOR = -0x3d4d_51cb;
export const DESTINATION_FACTOR = 0x27d4_eb2f;
export const PORTS_FACTOR = 0x1656_67b1;

/**
 * Integers of a flow: the key, in which lies side by side what does so in a frame, then the rest. Its MAC has two more bytes
 * in the last word of the key, below the outer TTL and the kind of the last layer.
 */
export const FLOW_SHIFT = 4;
export const KEY_VNI = 0;
export const KEY_INNER_MACS = 1;
export const KEY_SOURCE = 4;
export const KEY_DESTINATION = 5;
export const KEY_OUTER_PORTS = 6;
export const KEY_INNER_SOURCE = 7;
export const KEY_INNER_DESTINATION = 8;
export const KEY_PORTS = 9;
export const KEY_MAC = 10;
export const KEY_REST = 11;
export const KEY_LEN = 12;
/** Frames that are yet to be told. */
export const FRAMES = 12;
export const LAST_FRAME = 13;
/** When the last frame was seen: a double. */
export const LAST_NS = 14;

/** How many frames back one is compared: as many as there are words in a vector. */
export const FRAMES_BACK = 4;
/** The frames that others are compared with: their telling words; then of each where it lies in the bytes, its length, and whether it was a repeat itself. */
export const REPEAT_STRIDE = 4;
export const AT = FRAMES_BACK;
export const LEN = FRAMES_BACK + 1;
export const REPEATED = FRAMES_BACK + 2;
/** Behind them: the place of the next. */
export const NEXT_REPEAT = FRAMES_BACK + FRAMES_BACK * REPEAT_STRIDE;
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
/** And those without a tunnel, which are none of these; then those of them that are UDP, or TCP. */
export const RUN_BARE = 3;
export const RUN_BARE_UDP = 4;
export const RUN_BARE_TCP = 5;
/** Echoes that are listed, with and without a tunnel. */
export const RUN_ECHOES = 6;
export const RUN_LEN = 7;

/** The most frames in a row where frames are paired, and of an echo among them: its number, where its packet is in the bytes, and the VNI. */
export const MAX_PAIRED = 256;
export const ECHO = 3;
export const ECHO_FRAME = 0;
export const ECHO_PACKET = 1;
export const ECHO_NETWORK = 2;

/** Which frames of a tap may be plain, bit by bit: those without a tunnel, and those in one. */
export const TAKES_BARE = 1;
export const TAKES_TUNNELS = 2;

/** Places for MACs that are known to have sent frames without a tunnel: 48 bits each, and one that says so. */
export const MACS_SHIFT = 10;
export const MAC_KNOWN = 48;

/** Where the tables lie, bytes from the start of memory: each starts a cache line. */
export const SLOTS_AT = 0;
export const FLOWS_AT = SLOT_COUNT * 2;
/** Of each flow the bytes that are yet to be told: a double. */
export const BYTES_AT = FLOWS_AT + (MAX_FLOWS + 1) * 64;
export const REPEATS_AT = BYTES_AT + (MAX_FLOWS + 1) * 8;
export const REPEAT_TIMES_AT = REPEATS_AT + 128;
export const KEPT_AT = REPEAT_TIMES_AT + 64;
export const RUN_AT = KEPT_AT + (NEXT_KEPT + 16) * 4;
export const MACS_AT = RUN_AT + 64;
/** Of each flow the row of its sender. */
export const ROWS_AT = MACS_AT + (8 << MACS_SHIFT);
/** By UDP port, the kind of layer that it leads to: a byte. */
export const PORT_KINDS_AT = ROWS_AT + (MAX_FLOWS + 1) * 4;
export const ECHOES_AT = PORT_KINDS_AT + 65_536;
