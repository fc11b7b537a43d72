/**
 * Peers: who sends a frame to whom. MACs say so. A cooked capture (`any`) lacks them: of a frame that it alone saw, those
 * that others between the same addresses turned out to have stand for it, else the addresses themselves do.
 */
import { KeyTable } from '../../inventory/key-table.js';
import { EtherType } from '../../wire/ether-type.js';
import { FIRST_KEY_WORD, Flag } from '../identity/identity.js';

/** The most pairs of addresses whose MACs are remembered. */
const MAX_PAIRS = 16_384;
/** What addresses stand behind, of one and of a group: the first two bytes of a MAC. */
const ONE = 0x0200;
const GROUP = 0x0300;

/** Reads the peers of frames. */
export class Peers {
  /** Of the frame that was read last: three words, as they begin an Ethernet frame; zeros where nothing tells. */
  readonly words: Int32Array;
  readonly #addresses: KeyTable;
  /** By pair of addresses, three words; zeros where they are not known. */
  readonly #macs: Int32Array;

  constructor() {
    this.words = new Int32Array(FIRST_KEY_WORD);
    this.#addresses = new KeyTable(MAX_PAIRS);
    this.#macs = new Int32Array(MAX_PAIRS * FIRST_KEY_WORD);
  }

  /** Reads those of a frame. @param words its identity's, from `at` on @param flags its identity's. **Cost** amortised no allocation. */
  read(words: Int32Array, at: number, flags: number): void {
    const peers = this.words;
    if ((flags & Flag.HasMacs) !== 0) {
      copy(words, at, peers, 0);
      return;
    }
    readAddresses(words, at, flags, peers);
    const row = this.#addresses.row(peers[0] as number, peers[1] as number, peers[2] as number, 0) * FIRST_KEY_WORD;
    // The receiver's MAC, which a cooked frame lacks, is that of a sighting behind.
    const wasSeenBehind = words[at] !== 0;
    if (row >= 0 && wasSeenBehind) copy(words, at, this.#macs, row);
    if (wasSeenBehind) copy(words, at, peers, 0);
    else if (row >= 0 && this.#macs[row + 2] !== 0) copy(this.#macs, row, peers, 0);
  }
}

function copy(from: Int32Array, at: number, to: Int32Array, toAt: number): void {
  for (let word = 0; word < FIRST_KEY_WORD; word++) to[toAt + word] = from[at + word] as number;
}

function readAddresses(words: Int32Array, at: number, flags: number, to: Int32Array): void {
  const type = (words[at + FIRST_KEY_WORD] as number) >>> 16;
  const kind = (flags & Flag.ToGroup) !== 0 ? GROUP : ONE;
  if (type === EtherType.Ipv4) write(to, kind, across(words, at + 6), across(words, at + 7));
  else if (type === EtherType.Ipv6) write(to, kind, folded(words, at + 5), folded(words, at + 9));
  else if (type === EtherType.Arp) write(to, kind, words[at + 7] as number, across(words, at + 9));
  else to.fill(0);
}

function write(to: Int32Array, kind: number, source: number, destination: number): void {
  to[0] = (kind << 16) | (destination >>> 16);
  to[1] = (destination << 16) | ONE;
  to[2] = source;
}

/** Four bytes, the last two of a word and the first two of the next one. */
function across(words: Int32Array, index: number): number {
  return ((words[index] as number) << 16) | ((words[index + 1] as number) >>> 16);
}

/** An IPv6 address in 32 bits. @param index of the word that ends in its first two bytes */
function folded(words: Int32Array, index: number): number {
  let sum = 0;
  for (let part = 0; part < 4; part++) sum = Math.imul(sum ^ across(words, index + part), 0x9e3779b1);
  return sum;
}
