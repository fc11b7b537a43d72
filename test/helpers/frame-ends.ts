/** A second, naive walk over plain capture files: where each frame's record ends. It shares no code with src. */

/**
 * Offsets behind the record or block of each frame, in file order.
 *
 * @param file a whole, sound, uncompressed pcap or pcapng file
 */
export function frameEnds(file: Buffer): readonly number[] {
  return file.readUInt32BE(0) === 0x0a0d0d0a ? pcapngEnds(file) : pcapEnds(file);
}

/** Bytes of the file header, or of the first section header. */
export function headerLen(file: Buffer): number {
  if (file.readUInt32BE(0) !== 0x0a0d0d0a) return 24;
  return file.readUInt32LE(8) === 0x1a2b3c4d ? file.readUInt32LE(4) : file.readUInt32BE(4);
}

function pcapEnds(file: Buffer): readonly number[] {
  const magic = file.readUInt32BE(0).toString(16);
  const little = !magic.startsWith('a1b2');
  const recordLen = magic === '34cdb2a1' || magic === 'a1b2cd34' ? 24 : 16;
  const ends: number[] = [];
  for (let at = 24; at < file.length; ends.push(at)) {
    at += recordLen + (little ? file.readUInt32LE(at + 8) : file.readUInt32BE(at + 8));
  }
  return ends;
}

function pcapngEnds(file: Buffer): readonly number[] {
  const ends: number[] = [];
  let little = true;
  for (let at = 0; at < file.length; ) {
    if (file.readUInt32BE(at) === 0x0a0d0d0a) little = file.readUInt32LE(at + 8) === 0x1a2b3c4d;
    const type = little ? file.readUInt32LE(at) : file.readUInt32BE(at);
    at += little ? file.readUInt32LE(at + 4) : file.readUInt32BE(at + 4);
    if (type === 6 || type === 3 || type === 2) ends.push(at);
  }
  return ends;
}
