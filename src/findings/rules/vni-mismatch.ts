/**
 * `vni-mismatch`: two VTEPs carry frames between the same two MACs in one VNI one way and in another the other way, and
 * use neither both ways. Routing between VNIs would change the MACs (asymmetric IRB): likely one side has the wrong VNI.
 */
import { macText } from '../../wire/address.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { MacTable } from '../mac-table.js';
import { endsOf, joined, mostFrames, type OneWay, type OneWayRow, oneWayRows } from '../one-ways.js';
import { MAX_EVIDENCE, plural } from '../wording.js';

export const vniMismatch: Rule = {
  id: 'vni-mismatch',
  title: 'One VNI one way, another one back',
  judge: (facts: Facts): Claim[] => {
    const ways = new Map<string, OneWay[]>();
    for (const one of joined(facts, answered(facts))) {
      const key = [one.way.source, one.way.destination, one.sender, one.receiver].join(' ');
      const same = ways.get(key);
      if (same === undefined) ways.set(key, [one]);
      else same.push(one);
    }
    // Each two VTEPs once for two VNIs, whatever MACs are behind them.
    const claims = new Map<string, Claim>();
    for (const out of [...ways.values()].flat()) {
      const reverse = [out.way.destination, out.way.source, out.receiver, out.sender].join(' ');
      for (const back of ways.get(reverse) ?? []) {
        const key = [out.way, back.way]
          .map(({ vni, source }) => `${vni} ${source}`)
          .sort()
          .join(' ');
        if (!claims.has(key)) claims.set(key, claimOf(out, back));
      }
    }
    return [...claims.values()];
  },
};

/** Directions between two MACs, as bits. */
const THERE = 1;
const BACK = 2;

/** Those between two MACs with frames the other way too, in whatever VNI. */
function answered(facts: Facts): OneWayRow[] {
  const { rows, hasRows } = oneWayRows(facts);
  const numbers = new Int32Array(rows.length).fill(-1);
  const directions = new Uint8Array(rows.length);
  // Both directions have one number, so that each row is looked up once.
  const table = new MacTable(rows.length);
  for (let index = 0; index < rows.length; index++) {
    const { row, mac } = (rows[index] as OneWayRow).row;
    const { number, back } = facts.ways.at(row).pair;
    if (back === null || hasRows[back.number] === 0) continue;
    const sender = facts.ways.innerMac(row);
    const isThere = number < back.number;
    const both = isThere ? table.number(number, sender, mac) : table.number(back.number, mac, sender);
    numbers[index] = both;
    directions[both] = (directions[both] as number) | (isThere ? THERE : BACK);
  }
  return rows.filter((_, index) => directions[numbers[index] as number] === (THERE | BACK));
}

function claimOf(out: OneWay, back: OneWay): Claim {
  const { sender, receiver } = out;
  const { source, destination } = out.way;
  return {
    severity: 'warning',
    message: `Between ${macText(sender)} behind ${source} and ${macText(receiver)} behind ${destination}, ${plural(mostFrames(out), 'frame')} went out in VNI ${out.way.vni} and ${plural(mostFrames(back), 'frame')} came back in VNI ${back.way.vni}, and neither VNI is used both ways: likely one of the two VTEPs has the wrong VNI.`,
    evidence: [...endsOf(out), ...endsOf(back)].slice(0, MAX_EVIDENCE),
    fix: `Compare the VNI on ${source} and ${destination} ("ip -d link show type vxlan", "ovs-vsctl find interface type=vxlan", "vtep-ctl list Logical_Switch"): one network has one VNI everywhere.`,
    about: { vni: null, vteps: [source, destination] },
  };
}
