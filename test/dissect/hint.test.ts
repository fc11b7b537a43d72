import { describe, expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { vxlanHint } from '../../src/dissect/hint.js';
import { framesOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
/** VXLAN(ARP), VXLAN(ICMP); their VXLAN header is at byte 42. */
const [ARP, ICMP] = [2, 4].map((index) => (framesOf(`${CAPTURES}port-8472.hv1-eth0.pcap`)[index] as FrameView).bytes);
const VXLAN_AT = 42;

/** The hint for a frame with some bytes changed, by offset. */
function hint(bytes: Uint8Array | undefined, changes: Readonly<Record<number, number>> = {}, ports = [4789]): number {
  const copy = (bytes as Uint8Array).slice();
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return vxlanHint(dissect(copy, { vxlanPorts: ports }).stack);
}

describe('vxlanHint', () => {
  it('finds the VNI on a port that was not named', () => {
    expect(hint(ARP)).toBe(5000);
    expect(hint(ICMP)).toBe(5000);
  });

  it('says nothing where the port was named: that is a decode', () => {
    expect(hint(ARP, {}, [8472])).toBe(-1);
  });

  it.each([
    ['the I flag is clear', { [VXLAN_AT]: 0 }],
    ['another flag is set', { [VXLAN_AT]: 0x88 }],
    ['a reserved bit before the VNI is set', { [VXLAN_AT + 3]: 1 }],
    ['the reserved last byte is not zero', { [VXLAN_AT + 7]: 1 }],
    ['the inner type is not ours', { [VXLAN_AT + 20]: 0x12 }],
    ['the inner IP version contradicts its type', { [VXLAN_AT + 22]: 0x65 }],
    ['the inner IP header is too short', { [VXLAN_AT + 22]: 0x44 }],
  ])('says nothing where %s', (_, changes) => {
    expect(hint(ICMP, changes)).toBe(-1);
  });

  it('sees through an inner VLAN tag', () => {
    const bytes = ICMP as Uint8Array;
    const tagged = new Uint8Array(bytes.length + 4);
    tagged.set(bytes.subarray(0, VXLAN_AT + 20));
    tagged.set([0x81, 0x00, 0x00, 0x07], VXLAN_AT + 20);
    tagged.set(bytes.subarray(VXLAN_AT + 20), VXLAN_AT + 24);
    tagged[17] = (tagged[17] as number) + 4;
    tagged[39] = (tagged[39] as number) + 4;
    expect(hint(tagged)).toBe(5000);
  });

  it('never reads past a payload, however short', () => {
    const bytes = ICMP as Uint8Array;
    for (let length = 0; length <= bytes.length; length++) {
      const found = vxlanHint(dissect(bytes.slice(0, length), { vxlanPorts: [4789] }).stack);
      expect(found).toBe(length < VXLAN_AT + 8 + 14 + 20 ? -1 : 5000);
    }
  });

  it('says nothing of frames without UDP, or whose UDP lies in a quotation', () => {
    for (const name of [
      'ovs-golden.hv1-vm1.pcap',
      'ovs-golden.hv1-eth0.pcap',
      'ipv6-underlay-zerocsum.hv1-eth0.pcap',
    ]) {
      for (const frame of framesOf(CAPTURES + name)) expect(vxlanHint(frame.stack)).toBe(-1);
    }
    for (const frame of framesOf(`${CAPTURES}ovs-unshielded.hv1-eth0.pcap`, { vxlanPorts: [1] })) {
      if (frame.stack.quotedIndex >= 0) expect(vxlanHint(frame.stack)).toBe(-1);
    }
  });
});
