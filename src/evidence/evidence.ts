/**
 * Evidence: what single frames show that a finding may stand on, gathered in the one pass, tap by tap. What a frame
 * shows together with its twins at other taps is pairing's; what becomes of it all is for `findings` to say.
 *
 * One file for each thing that is looked at. A new one is a field here and the line in `see` that calls it, behind the
 * cheapest test that tells whether there is anything to look at. Frames that `countPlain` counts are not seen: it must leave
 * those that may show the new thing.
 */
import * as common from '../dissect/common-layout.js';
import type { DissectorOptions } from '../dissect/dissector.js';
import { Addresses } from '../inventory/addresses.js';
import type { Inventory } from '../inventory/inventory.js';
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import { StopCode } from '../wire/stop.js';
import { vni } from '../wire/vxlan.js';
import { AddressMessage } from './address-message.js';
import { Answers } from './answers.js';
import { Checksums } from './checksums.js';
import { Claimants } from './claimants.js';
import { Clock } from './clock.js';
import { Flows } from './flows.js';
import { Fragments } from './fragments.js';
import { FrameList } from './frame-list.js';
import { FrameSizes } from './frame-sizes.js';
import { HeaderBits } from './header-bits.js';
import { IcmpErrors } from './icmp-errors.js';
import { PlainFrames, type TimedColumns } from './plain-frames.js';
import { ECHO_FRAME, ECHO_NETWORK, ECHO_PACKET } from './plain-layout.js';
import { Questions } from './questions.js';
import { RecentFrames } from './recent-frames.js';
import { Reflections } from './reflections.js';
import { Repeats } from './repeats.js';
import { Senders } from './senders.js';
import { ShortFrames } from './short-frames.js';
import { StepsBack } from './steps-back.js';
import { UnlistedPorts } from './unlisted-ports.js';

/** The most IPv6 addresses of neighbours that are told apart. */
const MAX_IPV6_ADDRESSES = 65_536;

/** What the frames of one tap show. */
export class Evidence {
  /** To be set before `see`. */
  readonly clock: Clock;
  readonly headerBits: HeaderBits;
  readonly fragments: Fragments;
  readonly icmpErrors: IcmpErrors;
  readonly frameSizes: FrameSizes;
  readonly checksums: Checksums;
  readonly senders: Senders;
  /** Frames with a tunnel inside a tunnel. */
  readonly nested: FrameList;
  readonly unlistedPorts: UnlistedPorts;
  readonly shortFrames: ShortFrames;
  readonly stepsBack: StepsBack;
  readonly repeats: Repeats;
  readonly plainFrames: PlainFrames;

  readonly questions: Questions;
  readonly claimants: Claimants;
  readonly answers: Answers;
  readonly reflections: Reflections;
  readonly #inventory: Inventory;
  readonly #isPaired: boolean;
  readonly #flows: Flows;
  readonly #message: AddressMessage;

  /** @param isPaired whether frames are paired: what says why one was lost is kept only then */
  constructor(inventory: Inventory, isPaired: boolean, options: DissectorOptions) {
    this.#inventory = inventory;
    this.#isPaired = isPaired;
    this.clock = new Clock();
    this.headerBits = new HeaderBits();
    this.fragments = new Fragments(inventory, options);
    const recent = new RecentFrames();
    this.icmpErrors = new IcmpErrors(recent);
    this.frameSizes = new FrameSizes();
    this.checksums = new Checksums();
    this.senders = new Senders();
    this.#flows = new Flows(inventory, this.senders, this.clock);
    const addresses = new Addresses(MAX_IPV6_ADDRESSES);
    this.questions = new Questions(addresses);
    this.claimants = new Claimants(addresses);
    this.answers = new Answers();
    this.reflections = new Reflections(addresses);
    this.#message = new AddressMessage(addresses);
    this.nested = new FrameList();
    this.unlistedPorts = new UnlistedPorts();
    this.shortFrames = new ShortFrames();
    this.stepsBack = new StepsBack(this.clock);
    this.repeats = new Repeats(this.clock);
    this.plainFrames = new PlainFrames(this.#flows, this.repeats, recent, isPaired, options);
  }

  /**
   * Looks at a frame, seen at the time of `clock`, and counts its tunnels in the inventory.
   *
   * @param frame its number, from 1
   * @returns the row of its innermost tunnel and inner sender in the inventory; -1 without one
   *
   * **Cost** amortised no allocation for common frames.
   */
  see(frame: number, stack: LayerStack): number {
    const { kinds, tunnelIndex, depth } = stack;
    let row = -1;
    if (tunnelIndex >= 0) {
      row = this.#flows.count(frame, stack);
      if (row < 0) row = this.#seeTunnel(frame, stack);
      if (row >= 0 && isFlooded(stack)) this.reflections.see(frame, this.clock.timeNs, stack, row);
    }
    this.stepsBack.see(frame);
    this.repeats.see(frame, stack);
    this.icmpErrors.see(frame, stack);
    this.checksums.see(frame, stack, row);
    if (this.#isPaired) this.frameSizes.see(frame, stack, row);
    const last = kinds[depth - 1] as LayerKind;
    if (last === LayerKind.Arp || last === LayerKind.Icmpv4 || last === LayerKind.Icmpv6) {
      this.#seeRequest(frame, stack, row, last);
    }
    if (stack.stopCode !== StopCode.None) this.#seeStop(frame, stack);
    return row;
  }

  /**
   * Counts frames that show nothing besides being there, without them being dissected.
   *
   * @param from place of the first in the batch
   * @param end where to stop at the latest
   * @param frame its number, from 1
   * @param baseSeconds what times are counted from
   * @param takes where frames are paired, which of them may be counted: bits of `plain-layout`
   * @returns how many were counted, 0 and up: in a row, to the first that is to be dissected and seen; `plainFrames` tells
   * of them
   *
   * **Cost** no allocation; a sum over the frames.
   */
  countPlain(
    batch: TimedColumns,
    from: number,
    end: number,
    frame: number,
    baseSeconds: number,
    takes: number,
  ): number {
    const { plainFrames, stepsBack, checksums } = this;
    const frames = plainFrames.run(batch, from, end, frame, baseSeconds, stepsBack.beforeNs, takes);
    if (frames === 0) return 0;
    const last = from + frames - 1;
    stepsBack.seeForward(((batch.seconds[last] as number) - baseSeconds) * 1e9 + (batch.nanoseconds[last] as number));
    const { udp, tcp, bare, bareUdp } = plainFrames;
    checksums.addRight(LayerKind.Udp, true, udp);
    checksums.addRight(LayerKind.Tcp, true, tcp);
    checksums.addRight(LayerKind.Icmpv4, true, frames - bare - udp - tcp);
    if (!this.#isPaired) return frames;
    const { bareTcp, echoes } = plainFrames;
    checksums.addRight(LayerKind.Udp, false, bareUdp);
    checksums.addRight(LayerKind.Tcp, false, bareTcp);
    checksums.addRight(LayerKind.Icmpv4, false, bare - bareUdp - bareTcp);
    this.frameSizes.seeRun(frame, plainFrames.sizes, from, frames);
    for (let index = 0; index < echoes; index++) {
      const packetAt = plainFrames.echo(index, ECHO_PACKET);
      const network = plainFrames.echo(index, ECHO_NETWORK);
      this.answers.seeEcho(plainFrames.echo(index, ECHO_FRAME), batch.bytes, packetAt, network);
    }
    return frames;
  }

  /** Ends the looking: what was only counted so far is told to the inventory and the senders. */
  finish(): void {
    this.#flows.settle();
  }

  /** Looks at the tunnel of a frame that is of no open flow. @returns the row of its sender; -1 without one */
  #seeTunnel(frame: number, stack: LayerStack): number {
    this.headerBits.see(frame, stack);
    if (stack.tunnels > 1) this.nested.add(frame);
    const row = this.#inventory.add(stack);
    if (row < 0 || !isVxlan(stack.kinds[stack.tunnelIndex])) return row;
    const receiver = this.senders.see(frame, this.clock.timeNs, stack, row);
    this.#flows.open(row, receiver);
    return row;
  }

  #seeStop(frame: number, stack: LayerStack): void {
    if (stack.stopCode === StopCode.Truncated) this.shortFrames.see(frame, stack);
    else if (stack.stopCode === StopCode.Unsupported && stack.stopLayer === LayerKind.Udp) {
      this.unlistedPorts.see(frame, stack);
    }
  }

  #seeRequest(frame: number, stack: LayerStack, row: number, last: LayerKind): void {
    const { tunnelIndex, bytes, kinds } = stack;
    const isBare = tunnelIndex < 0;
    if (!isBare && (row < 0 || !isVxlan(kinds[tunnelIndex]))) return;
    const network = isBare ? -1 : vni(bytes, stack.layerAt(tunnelIndex));
    if (this.#isPaired) this.answers.see(frame, stack, network);
    if (last === LayerKind.Icmpv4 || !this.#message.read(stack)) return;
    this.questions.see(frame, this.clock.timeNs, this.#message, network, row);
    this.claimants.see(frame, this.#message, network, row);
  }
}

/** Whether the innermost tunnel is VXLAN, and the frame inside is for a group. */
function isFlooded({ kinds, ats, bytes, depth, tunnelIndex, isCommon, frameAt }: LayerStack): boolean {
  if (isCommon) return ((bytes[frameAt + common.INNER] as number) & 1) === 1;
  const inner = tunnelIndex + 1;
  if (inner >= depth || kinds[inner] !== LayerKind.Ethernet) return false;
  return ((bytes[ats[inner] as number] as number) & 1) === 1 && isVxlan(kinds[tunnelIndex]);
}
