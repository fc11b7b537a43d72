/**
 * The common frame: Ethernet, IPv4, UDP, VXLAN and the inner Ethernet, IPv4 and layer 4, without options. Where all of it
 * lies, and what tells that a frame is one. Numbers alone: AssemblyScript reads them, too.
 */

/** Where the layers are: offsets from the frame's first byte. */
export const IP = 14;
export const UDP = 34;
export const VXLAN = 42;
export const INNER = 50;
export const INNER_IP = 64;
export const INNER_L4 = 84;

/** What is looked at of each header, offsets from the frame's first byte. */
export const TYPE = 12;
export const TOTAL_LENGTH = IP + 2;
export const FRAGMENT_TTL_PROTOCOL = IP + 6;
export const PORT_AND_LENGTH = UDP + 2;
export const INNER_TYPE = INNER + TYPE;
export const INNER_TOTAL_LENGTH = INNER_IP + 2;
export const INNER_FRAGMENT_TTL_PROTOCOL = INNER_IP + 6;

/** Where in their headers addresses and the like are, bytes. */
export const MAC_SOURCE = 6;
export const IDENTIFICATION = 4;
export const TIME_TO_LIVE = 8;
export const PROTOCOL = 9;
export const SOURCE = 12;
export const DESTINATION = 16;
export const UDP_LENGTH = 4;
export const UDP_CHECKSUM = 6;
export const VNI = 4;
export const TCP_OFFSET = 12;

/** EtherType IPv4, version 4, IHL 5; the type of service is free. */
export const IPV4_MASK = ~0xff;
export const IPV4_VALUE = 0x08004500;
/** EtherTypes of a tag, and its length. */
export const TAG = 0x8100;
export const SERVICE_TAG = 0x88a8;
export const TAG_LEN = 4;
/** More fragments and offset, and the protocol; the reserved flag, DF and the time to live are free. */
export const WHOLE_MASK = 0x3fff00ff;
export const TCP = 6;
export const UDP_PROTOCOL = 17;
export const ICMP = 1;
export const IPV4_LEN = 20;
export const TCP_LEN = 20;
export const UDP_LEN = 8;
export const ICMP_LEN = 8;
export const ECHO_REQUEST = 8;
export const ECHO_REPLY = 0;
export const I_FLAG = 0x08;

/** A longer frame may be a super-frame: 1,500 bytes in a tunnel, with tags and room for options, are shorter. */
export const MAX_PLAIN_LEN = 1600;
