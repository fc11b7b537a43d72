/**
 * `mac-moved`: a MAC sends through one VTEP, then through another, without a word. A host that moves announces itself (by
 * gratuitous ARP, an unsolicited neighbour advertisement or reverse ARP), so that switches learn where it is.
 */
import type { FrameReference } from '../../correlate/report/correlation.js';
import { macText } from '../../wire/address.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { isAnnounced, type MacPlace, macsAt, type PlacedMac, shareOthers } from '../mac-places.js';
import { duration, framesOf, MAX_EVIDENCE } from '../wording.js';

/** What comes sooner than this from the other VTEP is a copy that it sent back, ns. */
const LEAST_GAP_NS = 0.1e9;

interface Move {
  readonly vni: number;
  /** 0..2^48-1 */
  readonly mac: number;
  readonly from: string;
  readonly to: string;
  readonly tap: string;
  readonly gapNs: number;
  readonly evidence: FrameReference[];
}

export const macMoved: Rule = {
  id: 'mac-moved',
  title: 'A MAC sends through another VTEP than before',
  judge(facts: Facts): Claim[] {
    const moves = new Map<string, Move[]>();
    for (const tap of facts.taps) {
      const macs = macsAt(facts, tap);
      for (const number of macs.moving()) {
        const placed = macs.placed(number);
        if (placed === null || isExcused(facts, placed)) continue;
        const key = `${placed.vni} ${placed.mac}`;
        moves.set(key, mergedWith(moves.get(key) ?? [], movesOf(facts, tap.name, placed) ?? []));
      }
    }
    return [...moves.values()].flat().map(claimOf);
  },
};

/** Whether what any tap saw of a MAC speaks for it. */
function isExcused(facts: Facts, { vni, mac }: PlacedMac): boolean {
  return facts.taps.some((tap) => {
    const macs = macsAt(facts, tap);
    const placed = macs.placed(macs.find(vni, mac));
    return placed !== null && movesOf(facts, tap.name, placed) === null;
  });
}

/** The moves that one tap saw; null where the MAC was in two places at once, announced itself, or they are multi-homed. */
function movesOf(facts: Facts, tap: string, { vni, mac, places }: PlacedMac): Move[] | null {
  const way = [...places].sort((a, b) => a.firstNs - b.firstNs);
  const moves: Move[] = [];
  for (const [index, to] of way.entries()) {
    if (index === 0) continue;
    const from = way[index - 1] as MacPlace;
    const gapNs = to.firstNs - from.lastNs;
    // So written that frames without a time prove nothing.
    if (!(gapNs >= LEAST_GAP_NS)) return null;
    if (isAnnounced(facts, vni, mac, to.vtep) || shareOthers(facts, macText(mac), from.vtep, to.vtep)) return null;
    const evidence = framesOf(tap, [from.lastFrame, to.firstFrame]);
    moves.push({ vni, mac, from: from.vtep, to: to.vtep, tap, gapNs, evidence });
  }
  return moves;
}

/** Moves that several taps saw are told once. */
function mergedWith(known: Move[], seen: readonly Move[]): Move[] {
  for (const move of seen) {
    const same = known.find(({ from, to }) => from === move.from && to === move.to);
    if (same === undefined) known.push(move);
    else if (same.evidence.length < MAX_EVIDENCE) same.evidence.push(...move.evidence);
  }
  return known;
}

function claimOf({ vni, mac, from, to, tap, gapNs, evidence }: Move): Claim {
  return {
    severity: 'warning',
    message: `MAC ${macText(mac)} in VNI ${vni} sent through ${from}, then, ${duration(gapNs)} later, through ${to} alone, and did not announce that it moved (at ${tap}).`,
    evidence,
    fix: 'If it was moved on purpose, let the host announce itself there (arping -U, or the hypervisor: QEMU announces with reverse ARP); else look for a second host with this MAC, or a loop behind one of the two VTEPs.',
    about: { vni, vteps: [from, to] },
  };
}
