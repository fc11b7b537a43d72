/**
 * `duplicate-address`: two MACs answer for one address, or claim it by turns. A takeover that is announced is none, nor
 * are MACs that routers share.
 */
import type { FrameReference } from '../../correlate/report/correlation.js';
import { macText } from '../../wire/address.js';
import { isVirtualRouter } from '../addresses.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesOf, MAX_EVIDENCE } from '../wording.js';
import { type Flux, fluxesOf, sharedRounds } from './arp-flux.js';

/** How often one must claim an address back: once may be a host that was replaced and came again. */
const LEAST_RETURNS = 2;

interface Dispute {
  readonly vni: number;
  readonly address: string;
  readonly macs: Set<string>;
  readonly vteps: Set<string>;
  /** Whether one request was answered by both. */
  bothAnswered: boolean;
  readonly evidence: FrameReference[];
}

/** One who claims an address: a MAC, and the row of the inventory that it was seen in. */
interface Side {
  readonly mac: number;
  readonly row: number;
  readonly frames: { readonly frames: readonly number[] };
}

export const duplicateAddress: Rule = {
  id: 'duplicate-address',
  title: 'Two MACs claim one address',
  judge(facts: Facts): Claim[] {
    const disputes = new Map<string, Dispute>();
    for (const tap of facts.taps) {
      noteAnswers(facts, tap, disputes);
      noteTurns(facts, tap, disputes);
    }
    const fluxes = fluxesOf(facts);
    const all = [...disputes.values()];
    return all.filter((dispute) => !isInTunnel(dispute, all) && !isFlux(dispute, fluxes)).map(claimOf);
  },
};

/** Whether what a bare tap shows is told of a tunnel already. */
function isInTunnel({ vni, address }: Dispute, all: readonly Dispute[]): boolean {
  return vni < 0 && all.some((other) => other.vni >= 0 && other.address === address);
}

/** Whether all of it is one host's: then it is `arp-flux`. */
function isFlux({ vni, address, vteps }: Dispute, fluxes: readonly Flux[]): boolean {
  return fluxes.some(
    ({ vni: network, target, vtep }) =>
      network === vni && target === address && [...vteps].every((one) => one === vtep),
  );
}

function noteAnswers(facts: Facts, tap: TapFacts, disputes: Map<string, Dispute>): void {
  const { questions } = tap.evidence;
  for (const question of questions.list()) {
    const { answers, vni } = question;
    if (answers.length < 2) continue;
    for (const [index, first] of answers.entries()) {
      for (const second of answers.slice(index + 1)) {
        if (first.mac === second.mac || sharedRounds(first, second) === 0) continue;
        note(facts, tap, disputes, vni, questions.target(question), [first, second], true);
      }
    }
  }
}

function noteTurns(facts: Facts, tap: TapFacts, disputes: Map<string, Dispute>): void {
  const { claimants } = tap.evidence;
  for (const claimed of claimants.list()) {
    const sides = claimed.claimants;
    if (claimed.returns < LEAST_RETURNS || sides.some(({ announced }) => announced)) continue;
    note(facts, tap, disputes, claimed.vni, claimants.text(claimed), sides, false);
  }
}

function note(
  facts: Facts,
  tap: TapFacts,
  disputes: Map<string, Dispute>,
  vni: number,
  address: string,
  sides: readonly Side[],
  bothAnswered: boolean,
): void {
  if (sides.some(({ mac }) => isVirtualRouter(mac))) return;
  const key = `${vni} ${address}`;
  const dispute = disputes.get(key) ?? { vni, address, macs: new Set(), vteps: new Set(), bothAnswered, evidence: [] };
  disputes.set(key, dispute);
  dispute.bothAnswered ||= bothAnswered;
  for (const { mac, row } of sides) {
    dispute.macs.add(macText(mac));
    if (row >= 0) dispute.vteps.add(facts.ways.at(row).source);
  }
  const frames = new Set(sides.flatMap((side) => side.frames.frames));
  for (const frame of framesOf(
    tap.name,
    [...frames].sort((a, b) => a - b),
  )) {
    if (!dispute.evidence.some((known) => known.tap === frame.tap && known.frame === frame.frame))
      dispute.evidence.push(frame);
  }
}

function claimOf({ vni, address, macs, vteps, bothAnswered, evidence }: Dispute): Claim {
  const where = vni < 0 ? '' : ` in VNI ${vni}`;
  const behind = vteps.size === 0 ? '' : `, behind ${[...vteps].join(' and ')}`;
  const how = bothAnswered ? 'answered the same request' : 'claimed it by turns';
  return {
    severity: 'warning',
    message: `${macs.size} MACs have ${address}${where}: ${[...macs].join(', ')}${behind}; they ${how}.`,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    fix: 'Find both hosts by their MACs (bridge fdb show, ovs-appctl fdb/show) and give one of them another address; a gateway that is to be shared needs one MAC.',
    about: { vni: vni < 0 ? null : vni, vteps: [...vteps] },
  };
}
