/** A record of a classic pcap file: its header's length, and where in it the fields are. Numbers alone. */
export const HEADER_LEN = 16;
export const FRACTION = 4;
export const CAPTURED_LEN = 8;
export const WIRE_LEN = 12;
