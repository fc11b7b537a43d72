/**
 * `arp-unanswered`: a VM asks for an address in its network, asks again, and no answer comes, at a tap that would have
 * seen one. Who asks again within seconds has none: an answer that the tap does not see is ruled out by that too.
 */
import type { FrameReference } from '../../correlate/report/correlation.js';
import type { Way } from '../../inventory/ways.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { mayBeAt } from '../local-vteps.js';
import { onceAt } from '../once.js';
import { type OpenQuestion, openQuestions } from '../open-questions.js';
import { duration, firstFew, framesOf, MAX_EVIDENCE, plural } from '../wording.js';

/** What one side asked in vain. */
interface Silence {
  /** -1 where the questions were seen bare only. */
  readonly vni: number;
  /** VTEP that they came from; the tap where they were seen bare only. */
  readonly from: string;
  /** VTEPs that got them. */
  readonly to: Set<string>;
  readonly taps: Set<string>;
  /** By asker and target. */
  readonly asked: Map<string, { rounds: number; overNs: number }>;
  readonly evidence: FrameReference[];
}

export const arpUnanswered: Rule = {
  id: 'arp-unanswered',
  title: 'A VM asks for an address, and no answer comes',
  consequenceOf: [
    'port-mismatch',
    'neighbour-unresolved',
    'bum-not-encapsulated',
    'bum-missing-vtep',
    'vtep-source-mismatch',
  ],
  judge(facts: Facts): Claim[] {
    const silences = new Map<string, Silence>();
    const bare: OpenQuestion[] = [];
    for (const open of openQuestions(facts)) {
      if (open.question.vni < 0) bare.push(open);
      else noteInTunnels(facts, open, silences);
    }
    if (facts.tunnels.length > 0) for (const open of bare) noteBare(facts, open, silences);
    return [...silences.values()].map(claimOf);
  },
};

function noteInTunnels(facts: Facts, open: OpenQuestion, silences: Map<string, Silence>): void {
  const { vni, rows } = open.question;
  const ways = rows.map((row) => facts.ways.at(row));
  const { source: from } = ways[0] as Way;
  if (!mayBeAt(facts, open.tap, from)) return;
  const silence = silenceOf(silences, vni, from);
  for (const { destination } of ways) silence.to.add(destination);
  note(silence, open);
}

/** Bare, an answer would be seen where the asker sits: its frames left from there, or others were answered to it. */
function noteBare(facts: Facts, open: OpenQuestion, silences: Map<string, Silence>): void {
  const { tap, question } = open;
  const left = encapsulatedAt(facts, tap);
  if (!answeredAt(facts, tap).has(question.askerMac) && !question.frames.some((frame) => left.has(frame))) return;
  const key = keyOf(open);
  const known = [...silences.values()].find(({ asked }) => asked.has(key));
  note(known ?? silenceOf(silences, -1, tap.name), open);
}

/** Frames to a group that an overlay tap saw, and that were encapsulated. */
const encapsulatedAt = onceAt(
  ({ bum }, { name }) => new Set(bum.filter(({ overlay }) => overlay === name).map(({ overlayFrame }) => overlayFrame)),
);

/** MACs that asked at a tap, and were answered. */
const answeredAt = onceAt((_, { evidence }) => {
  const answered = evidence.questions.list().filter(({ answers }) => answers.length > 0);
  return new Set(answered.map(({ askerMac }) => askerMac));
});

function silenceOf(silences: Map<string, Silence>, vni: number, from: string): Silence {
  const key = `${vni} ${from}`;
  const known = silences.get(key);
  if (known !== undefined) return known;
  const silence: Silence = { vni, from, to: new Set(), taps: new Set(), asked: new Map(), evidence: [] };
  silences.set(key, silence);
  return silence;
}

function note({ taps, asked, evidence }: Silence, open: OpenQuestion): void {
  const { tap, question } = open;
  taps.add(tap.name);
  const key = keyOf(open);
  const overNs = question.lastNs - question.firstNs;
  const known = asked.get(key);
  if (known === undefined || known.rounds < question.rounds) asked.set(key, { rounds: question.rounds, overNs });
  evidence.push(...framesOf(tap.name, question.frames));
}

function keyOf({ asker, target }: OpenQuestion): string {
  return `${asker} for ${target}`;
}

function claimOf({ vni, from, to, taps, asked, evidence }: Silence): Claim {
  const who = [...asked].map(([key, { rounds, overNs }]) => `${key} ${plural(rounds, 'time')} in ${duration(overNs)}`);
  const where = vni < 0 ? '' : ` in VNI ${vni}, from ${from} to ${firstFew([...to])}`;
  return {
    severity: 'error',
    message: `No answer${where}: ${firstFew(who)} (${firstFew([...taps])}); likely nobody has that address, or the request does not reach it.`,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    fix: 'Capture at the VTEP and at the VM that should answer: see whether the request arrives, is decapsulated (VNI, port, bridge), and is answered.',
    about: { vni: vni < 0 ? null : vni, vteps: vni < 0 ? [] : [from, ...to] },
  };
}
