/**
 * Values written into frames: a field reads what was written, and nothing else in the frame has changed.
 */
import { describe, expect, it } from 'vitest';
import type { FrameView } from '../../src/dissect/frame-view.js';
import { compileField, fieldValues } from '../../src/fields/field.js';
import { soleValue } from '../../src/fields/field-test.js';
import { FIELD_ROWS } from '../../src/fields/table.js';
import { writeField } from '../../src/fields/write-field.js';
import { framesOf } from '../helpers/captures.js';

const FIELDS = [...FIELD_ROWS.map(({ name }) => compileField(name)), compileField('inner.ip.src')];
const CAPTURES = ['ovs-golden.hv1-eth0', 'lab-ipv6-underlay.hv1-eth0', 'port-8472.hv1-eth0', 'lab-vlan.hv1-eth0'];
/** Two of every kind that they have. */
const FRAMES = CAPTURES.flatMap((name) => framesOf(`fixtures/captures/${name}.pcap`)).filter(
  ({ protocols }, index, all) => all.slice(0, index).filter((before) => before.protocols === protocols).length < 2,
);
/** Fields that are part of each other, or say how long or where others are. */
const ENTANGLED =
  /^(ip\.(version|hdr_len|dsfield|flags|len|frag)|ipv6\.(version|tclass|plen)|arp\.(hw|proto)\.|udp\.length|vxlan\.flags|tcp\.(hdr|flags|len)|icmp\.type|icmpv6\.type|eth\.(type|len))/;

function valuesOf(frame: FrameView): Map<string, unknown> {
  return new Map(FIELDS.map((field) => [field.name, fieldValues(field, frame)]));
}

describe('a field that is written', () => {
  it('reads what other frames have there, and others stay', () => {
    let written = 0;
    const covered = new Set<string>();
    for (const frame of FRAMES) {
      for (const field of FIELDS) {
        const [before] = fieldValues(field, frame);
        if (before === undefined) continue;
        for (const other of FRAMES) {
          const [wanted] = fieldValues(field, other);
          if (wanted === undefined || wanted === before) continue;
          const copy = frame.pin();
          const words = soleValue(field, [String(wanted)]) as readonly number[];
          if (!writeField(field, copy.stack, words)) {
            expect(field.name).toMatch(ENTANGLED);
            continue;
          }
          written++;
          covered.add(field.name);
          expect(fieldValues(field, copy)[0], `${field.name} of frame ${frame.number}`).toBe(wanted);
          if (ENTANGLED.test(field.name)) continue;
          const changed = [...valuesOf(copy)].filter(([name, values]) => {
            const was = fieldValues(compileField(name), frame);
            return (
              name.replace(/^inner\./, '') !== field.name.replace(/^inner\./, '') && String(values) !== String(was)
            );
          });
          expect(changed, `${field.name} of frame ${frame.number}`).toEqual([]);
        }
      }
    }
    expect(written).toBeGreaterThan(200);
    for (const name of [
      'eth.src',
      'arp.opcode',
      'arp.dst.proto_ipv4',
      'ip.src',
      'ipv6.src',
      'icmp.type',
      'udp.srcport',
    ])
      expect(covered).toContain(name);
  });
});
