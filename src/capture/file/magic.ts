/**
 * What a file is, by its first bytes; never by its name.
 *
 * pcap: draft-ietf-opsawg-pcap, section 4. pcapng: draft-ietf-opsawg-pcapng, section 4.1. gzip: RFC 1952, section
 * 2.3.1. zstd: RFC 8878, section 3.1.1.
 */

/** Bytes that decide. */
export const MAGIC_LEN = 4;

/** What the first bytes say. */
export const Magic = {
  /** Nothing that we read. */
  Unknown: 0,
  /** Fewer than four bytes, which begin something that we read. */
  Cut: 1,
  /** Classic pcap; the low byte of the number comes first. */
  PcapLittle: 2,
  PcapBig: 3,
  /** Classic pcap with nanoseconds. */
  PcapNanoLittle: 4,
  PcapNanoBig: 5,
  /** Kuznetzov's pcap: eight more bytes in each record header. */
  PcapModifiedLittle: 6,
  PcapModifiedBig: 7,
  Pcapng: 8,
  Gzip: 9,
  Zstd: 10,
} as const;
export type Magic = (typeof Magic)[keyof typeof Magic];

const TABLE: readonly (readonly [Magic, readonly number[]])[] = [
  [Magic.PcapLittle, [0xd4, 0xc3, 0xb2, 0xa1]],
  [Magic.PcapBig, [0xa1, 0xb2, 0xc3, 0xd4]],
  [Magic.PcapNanoLittle, [0x4d, 0x3c, 0xb2, 0xa1]],
  [Magic.PcapNanoBig, [0xa1, 0xb2, 0x3c, 0x4d]],
  [Magic.PcapModifiedLittle, [0x34, 0xcd, 0xb2, 0xa1]],
  [Magic.PcapModifiedBig, [0xa1, 0xb2, 0xcd, 0x34]],
  [Magic.Pcapng, [0x0a, 0x0d, 0x0d, 0x0a]],
  [Magic.Gzip, [0x1f, 0x8b]],
  [Magic.Zstd, [0x28, 0xb5, 0x2f, 0xfd]],
];

/**
 * What a file is that starts with these bytes.
 *
 * @param bytes the file's first bytes; fewer than four only where it has no more
 */
export function magicOf(bytes: Uint8Array): Magic {
  for (const [magic, start] of TABLE) {
    const len = Math.min(start.length, bytes.length);
    let same = 0;
    while (same < len && bytes[same] === start[same]) same++;
    if (same === len && len > 0) return len === start.length ? magic : Magic.Cut;
  }
  return Magic.Unknown;
}
