/**
 * Where the tables of pairing lie in their memory, bytes from its start, and what an entry of them is: JavaScript and
 * WebAssembly (placement/plain-pairs.as.ts) work on the same ones. Each has room for the most that it may hold; what is never
 * touched takes no memory. Numbers alone: AssemblyScript reads them, too.
 */

/** The most trails in the window, a power of two, and their sightings. */
export const MAX_TRAILS = 262_144;
export const MAX_SIGHTINGS = MAX_TRAILS * 2;

/** Integers at the start. Trails: the oldest one, the oldest young one, the number of the next. */
export const TAIL = 0;
export const YOUNG = 1;
export const NEXT = 2;
/** Numbers that there is room for, less one. */
export const NUMBERS_MASK = 3;
/** Places that were given back, and where those begin and end that nobody had yet, in integers of records. */
export const FREE_PLACES = 4;
export const UNUSED_PLACE = 5;
export const PLACES_END = 6;
/** Integers of the slots of a chain, less one. */
export const SLOTS_MASK = 7;
/** Lines of sightings that were given back; the first number that nobody had yet, and the one behind the last. */
export const FREE_LINES = 8;
export const UNUSED_SIGHTING = 9;
export const SIGHTINGS_END = 10;
/** Trails in the window of what may be one of several, or several in one. */
export const SPLITS = 11;
/** Slots of flows, less one. */
export const FLOWS_MASK = 12;
export const COUNTS = 16;

/** Doubles behind them. What time it is, as the window counts; when the oldest trail, and the oldest young one, was opened. */
export const TIMES_AT = COUNTS * 4;
export const CLOCK = 0;
export const OLDEST = 1;
export const OLDEST_YOUNG = 2;
export const TIMES = 8;

/** A record of a trail, in integers: a chain's key, and the next older trail of it; the identity's flags. */
export const KEY_CHAIN = 0;
export const OLDER = 1;
export const FLAGS = 2;
/** When and where it was seen first: the time is counted in doubles. */
export const OPEN_TIME = 2;
export const OPEN_ENDPOINT = 3;
export const FIRST = 6;
export const LAST = 7;
export const TWIN = 8;
export const SPAN_CHAIN = 9;
export const SPAN_FROM = 11;
export const SPAN_LEN = 12;
/** Then its identity. */
export const WORDS = 14;
export const RECORD = 42;

/** A sighting, in integers: half a cache line, two of one trail to a line. Its marks are above the endpoint; the time is counted in doubles. */
export const SIGHTING_SHIFT = 3;
export const LINE = 2;
export const FRAME = 0;
export const ENDPOINT_AND_MARKS = 1;
export const MARKS_SHIFT = 16;
export const TIME = 1;
export const TUNNEL = 4;
export const OUTER = 5;
export const AFTER = 6;
export const IS_PART = 7;

/** An outline, in integers beside its connection. Who sent it has its lowest bit set where it acknowledges anything. */
export const OUTLINE = 5;
export const VNI = 0;
export const SENDER = 1;
export const SEGMENT_FROM = 2;
export const SEGMENT_END = 3;
export const ACKNOWLEDGED = 4;
export const ACKNOWLEDGES = 1;

/** Slots of a chain for each place; in each slot the newest young trail, and the newest other one. */
export const SLOTS_PER_PLACE = 4;
export const SLOT_SHIFT = 1;
export const YOUNG_SLOT = 0;
export const OTHER_SLOT = 1;

/** The most inner flows, and an entry of theirs in integers: half a cache line. */
export const MAX_FLOWS = 65_536;
export const FLOW_SHIFT = 3;
export const HASH = 0;
export const ADDRESSES = 1;
export const ENDPOINTS = 2;
export const FLOW_TUNNEL = 3;
/** The number of its last frame in order. */
export const LAST_SENT = 4;
/** 0 of a slot that is free, 1 of a flow without one, else the hop plus two. */
export const HOP = 5;
export const NO_HOP = 1;
export const FIRST_HOP = 2;
export const PATTERN = 6;
export const PASSED = 7;

/** Where the tables lie: each of trails, by their numbers or by their places; then flows, sightings and records. */
export const RING_AT = 1024;
export const CLOCKS_AT = RING_AT + MAX_TRAILS * 4;
export const DONE_AT = CLOCKS_AT + MAX_TRAILS * 8;
export const OUTLINES_AT = DONE_AT + MAX_TRAILS * 4;
export const CONNECTIONS_AT = OUTLINES_AT + MAX_TRAILS * OUTLINE * 4;
export const KEY_SLOTS_AT = CONNECTIONS_AT + MAX_TRAILS * 4;
export const SPAN_SLOTS_AT = KEY_SLOTS_AT + ((MAX_TRAILS * SLOTS_PER_PLACE) << SLOT_SHIFT) * 4;
export const FREE_PLACES_AT = SPAN_SLOTS_AT + ((MAX_TRAILS * SLOTS_PER_PLACE) << SLOT_SHIFT) * 4;
export const FREE_LINES_AT = FREE_PLACES_AT + MAX_TRAILS * 4;
export const FLOWS_AT = FREE_LINES_AT + (MAX_SIGHTINGS / LINE) * 4;
export const SIGHTINGS_AT = FLOWS_AT + ((MAX_FLOWS * 2) << FLOW_SHIFT) * 4;
export const RECORDS_AT = SIGHTINGS_AT + (MAX_SIGHTINGS << SIGHTING_SHIFT) * 4;

/** Plain frames of two taps that wait to be paired, each as identity/plain-record.ts has it: a queue of each tap, the overlay's first. */
export const QUEUE_LEN = 256;
export const QUEUE_BYTES = QUEUE_LEN * 160;
export const QUEUES_AT = RECORDS_AT + MAX_TRAILS * RECORD * 4;
/** Pairs that were found, by six integers: the flow, then how long it took, and when it was seen in its tunnel, as doubles. */
export const MAX_PAIRS = QUEUE_LEN * 2;
export const PAIR = 6;
export const PAIR_LATENCY = 1;
export const PAIR_INNER_TIME = 2;
export const PAIRS_AT = QUEUES_AT + QUEUE_BYTES * 2;
/** By sender in the inventory, and so many of them, the number of its tunnel plus one, where that is one of the overlay's own whose way is known; else 0. */
export const MAX_SENDERS = 65_536;
export const SENDERS_AT = PAIRS_AT + MAX_PAIRS * PAIR * 4;
/** By tunnel which way it leads, as `Direction` says: a byte. */
export const MAX_TUNNELS = 65_536;
export const WAYS_AT = SENDERS_AT + MAX_SENDERS * 4;

/**
 * What a run is told and says, in integers: from where to where in each queue, how many pairs there are, and how many more,
 * out and back, there may be before clocks are looked at.
 */
export const RUN_AT = WAYS_AT + MAX_TUNNELS;
export const POSITION = 0;
export const END = 2;
export const PAIRS = 4;
export const PAIRS_LEFT = 5;
/** The queue whose next frame is so late that trails have to go before it, plus one; 0 without. */
export const LATE_QUEUE = 7;
/** Where the overlay tap sees bare frames, the underlay tap those in tunnels; and which queue comes first of equal times. */
export const BARE_ENDPOINT = 8;
export const INNER_ENDPOINT = 9;
export const FIRST_QUEUE = 10;
export const RUN_COUNTS = 16;
/** Then doubles: the greatest time of each queue so far, then what is known of the lanes, out and back (`Plausible`). */
export const RUN_TIMES_AT = RUN_AT + RUN_COUNTS * 4;
export const GREATEST = 0;
export const LANES = 2;
export const LANE = 4;
/** When anybody was told an address last. */
export const LAST_ANSWER = 10;
/** How long a trail stays, ns. */
export const WINDOW_NS = 11;
export const RUN_TIMES = 16;
export const TABLES_END = RUN_TIMES_AT + RUN_TIMES * 8;
