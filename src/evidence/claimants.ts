/**
 * Who says of which address that it is its own, by ARP and neighbour discovery, bare and in tunnels.
 */
import type { Addresses, Family } from '../inventory/addresses.js';
import { KeyTable } from '../inventory/key-table.js';
import { Act, type AddressMessage, NO_ADDRESS } from './address-message.js';
import { FrameList } from './frame-list.js';

/** The most addresses of a tap, MACs of an address, and rows with announcements that are kept. */
const MAX_ADDRESSES = 16_384;
const MAX_CLAIMANTS = 4;
const MAX_ANNOUNCING = 4096;

/** A MAC that claims an address. */
export class Claimant {
  readonly mac: number;
  /** Of the inventory, at first sight; -1 where it was bare. */
  readonly row: number;
  /** Whether it ever announced the address, so took it over in the open. */
  announced: boolean;
  readonly frames: FrameList;

  constructor(mac: number, row: number) {
    this.mac = mac;
    this.row = row;
    this.announced = false;
    this.frames = new FrameList();
  }
}

/** An address, and who claims it. */
export class ClaimedAddress {
  /** -1 where it was seen bare. */
  readonly vni: number;
  readonly family: Family;
  readonly address: number;
  readonly claimants: Claimant[];
  /** How often one claimed it again after another had. */
  returns: number;

  constructor(vni: number, family: Family, address: number) {
    this.vni = vni;
    this.family = family;
    this.address = address;
    this.claimants = [];
    this.returns = 0;
  }

  /** Another than who claimed it last does. @returns null where there is no room for one more */
  claim(mac: number, row: number): Claimant | null {
    const known = this.claimants.find((claimant) => claimant.mac === mac);
    if (known !== undefined) {
      this.returns++;
      return known;
    }
    if (this.claimants.length === MAX_CLAIMANTS) return null;
    const claimant = new Claimant(mac, row);
    this.claimants.push(claimant);
    return claimant;
  }
}

/** The addresses that were claimed at one tap. */
export class Claimants {
  /** Rows of the inventory whose sender announced itself, by ARP, neighbour discovery or reverse ARP. */
  readonly announcing: Set<number>;
  readonly #addresses: Addresses;
  readonly #table: KeyTable;
  readonly #claimed: ClaimedAddress[];
  /** By address, who claimed it last: mostly who does next. */
  readonly #last: Claimant[];

  constructor(addresses: Addresses) {
    this.announcing = new Set();
    this.#addresses = addresses;
    this.#table = new KeyTable(MAX_ADDRESSES);
    this.#claimed = [];
    this.#last = [];
  }

  /** Takes in a message. @param vni -1 where it is bare. **Cost** an object for an address, or a MAC, that is new. */
  see(frame: number, message: AddressMessage, vni: number, row: number): void {
    const { act, family, sender, mac, vlan } = message;
    const announced = act === Act.Announce;
    if (announced && row >= 0 && this.announcing.size < MAX_ANNOUNCING) this.announcing.add(row);
    if (announced && sender === NO_ADDRESS) return;
    const place = this.#table.row((vni < 0 ? 1 << 25 : vni) | (family << 24), sender, vlan, 0);
    if (place < 0) return;
    const claimant = this.#last[place]?.mac === mac ? this.#last[place] : this.#claim(place, vni, message, row);
    if (claimant === null) return;
    claimant.frames.add(frame);
    if (announced) claimant.announced = true;
  }

  #claim(place: number, vni: number, { family, sender, mac }: AddressMessage, row: number): Claimant | null {
    const claimed = this.#claimed[place] ?? new ClaimedAddress(vni, family, sender);
    this.#claimed[place] = claimed;
    const claimant = claimed.claim(mac, row);
    if (claimant !== null) this.#last[place] = claimant;
    return claimant;
  }

  /** Whether all addresses that were claimed are kept. */
  get isComplete(): boolean {
    return this.#table.refused === 0;
  }

  /** All of them, in the order of first sight. */
  list(): readonly ClaimedAddress[] {
    return this.#claimed;
  }

  /** An address as text. */
  text({ family, address }: ClaimedAddress): string {
    return this.#addresses.text(family, address);
  }
}
