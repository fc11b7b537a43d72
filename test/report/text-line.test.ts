import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/dissect/frame.js';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { type TextOptions, textReport } from '../../src/report/text-line.js';
import { framesOf, textOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;

function lines(frames: readonly Frame[], options: Omit<TextOptions, 'digits'> = { time: 'none' }): string[] {
  return textOf(textReport({ digits: 6, ...options }), frames)
    .trimEnd()
    .split('\n');
}

function linesOf(capture: string, options?: Omit<TextOptions, 'digits'>, vxlanPorts = [4789, 8472]): string[] {
  return lines(framesOf(`${CAPTURES}${capture}.pcap`, { vxlanPorts }), options);
}

/** A frame from hexadecimal digits; blanks do not count. */
function frameOf(hex: string, options: { linkType?: number; wireLen?: number; vxlanPorts?: number[] } = {}): FrameView {
  return dissect(Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex')), options);
}

const ETH4 = '0242 0a01 0001 0242 0a00 0001 0800';
const UDP_TUNNEL = (port: string) => `${ETH4} 4500 0050 0000 0000 4011 0000 0a00 0001 0a01 0001 c000 ${port} 003c 0000`;
const INNER = '0000 0000 0002 0000 0000 0001';

describe('a line', () => {
  it('has the tunnel first', () => {
    expect(linesOf('ovs-golden.hv1-eth0', {})).toEqual([
      '11:51:55.807312 ARP, Request who-has 10.1.0.1 (ff:ff:ff:ff:ff:ff) tell 10.0.0.1, length 28',
      '11:51:55.807733 ARP, Reply 10.1.0.1 is-at 02:42:0a:01:00:01, length 28',
      '11:51:55.832114 VXLAN vni 5000 10.0.0.1 > 10.1.0.1: ARP, Request who-has 192.168.1.2 tell 192.168.1.1, length 28',
      '11:51:55.832688 VXLAN vni 5000 10.1.0.1 > 10.0.0.1: ARP, Reply 192.168.1.2 is-at 00:00:00:00:00:02, length 28',
      '11:51:55.835773 VXLAN vni 5000 10.0.0.1 > 10.1.0.1: IP 192.168.1.1 > 192.168.1.2: ICMP echo request, id 10718, seq 1, length 64',
      '11:51:55.836353 VXLAN vni 5000 10.1.0.1 > 10.0.0.1: IP 192.168.1.2 > 192.168.1.1: ICMP echo reply, id 10718, seq 1, length 64',
    ]);
  });

  it('shows both link headers with -e', () => {
    expect(linesOf('ovs-golden.hv1-eth0', { linkHeader: true, time: 'none' })[4]).toBe(
      '02:42:0a:00:00:01 > 02:42:0a:01:00:01, ethertype IPv4 (0x0800), length 148: VXLAN vni 5000 10.0.0.1 > 10.1.0.1: ' +
        '00:00:00:00:00:01 > 00:00:00:00:00:02, ethertype IPv4 (0x0800), length 98: 192.168.1.1 > 192.168.1.2: ICMP echo request, id 10718, seq 1, length 64',
    );
  });

  it('shows IP headers with -v, and checksums and flags with more', () => {
    expect(linesOf('ovs-golden.hv1-eth0', { verbose: 1, time: 'none' })[4]).toBe(
      'VXLAN vni 5000 (tos 0x0, ttl 64, id 0, offset 0, flags [DF], proto UDP (17), length 134) 10.0.0.1.33640 > 10.1.0.1.4789: ' +
        'IP (tos 0x0, ttl 64, id 47346, offset 0, flags [DF], proto ICMP (1), length 84) 192.168.1.1 > 192.168.1.2: ICMP echo request, id 10718, seq 1, length 64',
    );
    expect(linesOf('ovs-golden.hv1-eth0', { verbose: 2, time: 'none' })[4]).toMatch(
      /^VXLAN vni 5000 flags 0x0800 \(tos/,
    );
  });

  it('says what an ICMP error is about', () => {
    expect(linesOf('ovs-unshielded.hv1-eth0')[7]).toBe(
      'IP 10.1.0.1 > 10.0.0.1: ICMP 10.1.0.1 udp port 4789 unreachable, length 86',
    );
    expect(linesOf('mtu-fragment.hv1-vm1')[3]).toBe(
      'IP 192.168.1.2 > 192.168.1.1: ICMP 192.168.1.2 unreachable - need to frag (mtu 1450), length 556',
    );
  });

  it('shows fragments inside and outside of a tunnel', () => {
    expect(linesOf('mtu-fragment.hv1-eth0').slice(4)).toEqual([
      'VXLAN vni 5000 10.0.0.1 > 10.1.0.1: IP 192.168.1.1 > 192.168.1.2: ICMP echo request, id 12353, seq 2, length 1424',
      'VXLAN vni 5000 10.0.0.1 > 10.1.0.1: IP 192.168.1.1 > 192.168.1.2: ip-proto-1',
      'VXLAN vni 5000 10.1.0.1 > 10.0.0.1: IP 192.168.1.2 > 192.168.1.1: ICMP echo reply, id 12353, seq 2, length 1480',
      'IP 10.1.0.1 > 10.0.0.1: ip-proto-17',
    ]);
  });

  it('knows IPv6 underlays and cooked captures', () => {
    expect(linesOf('ipv6-underlay-zerocsum.hv1-eth0')[2]).toBe(
      'VXLAN vni 5000 fd00:10::1 > fd00:10::2: ARP, Request who-has 192.168.1.2 tell 192.168.1.1, length 28',
    );
    const cooked = linesOf('golden-noisy.hv1-any');
    expect(cooked[7]).toBe(
      'if2   Out VXLAN vni 5000 10.0.0.1 > 10.1.0.1: ARP, Request who-has 192.168.1.2 tell 192.168.1.1, length 28',
    );
  });

  it('hints at VXLAN on a port that was not named', () => {
    expect(linesOf('port-8472.hv1-eth0', { time: 'none' }, [4789])[2]).toBe(
      'IP 10.0.0.1.54522 > 10.1.0.1.8472: UDP, length 50 [looks like VXLAN vni 5000: --vxlan-port 8472]',
    );
  });

  it('ends with what was noted', () => {
    const [, , , , ping] = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`) as FrameView[];
    const bytes = (ping as FrameView).bytes;
    expect(lines([dissect(bytes.subarray(0, 110), { wireLen: 148 })])).toEqual([
      'VXLAN vni 5000 10.0.0.1 > 10.1.0.1: IP 192.168.1.1 > 192.168.1.2: ICMP echo request, id 10718, seq 1, length 64 [truncated: ip needs 134 bytes (ip.len), 96 captured]',
    ]);
    expect(lines([dissect(bytes.subarray(0, 70), { wireLen: 148 })])[0]).toMatch(
      /^VXLAN vni 5000 10.0.0.1 > 10.1.0.1: 00:00:00:00:00:01 > 00:00:00:00:00:02, ethertype IPv4 \(0x0800\), length 98 \[truncated: /,
    );
    const clear = new Uint8Array(bytes);
    clear[42] = 0;
    expect(lines([dissect(clear)])).toEqual(['VXLAN vni invalid 10.0.0.1 > 10.1.0.1: length 106 [i-flag-clear]']);
  });

  it('names the other tunnels', () => {
    const arp = '0806 0001 0800 0604 0001 0000 0000 0001 c0a8 0101 0000 0000 0000 c0a8 0102';
    expect(lines([frameOf(`${UDP_TUNNEL('17c1')} 0000 6558 0000 0a00 ${INNER} ${arp}`)])[0]).toMatch(
      /^Geneve vni 10 10\.0\.0\.1 > 10\.1\.0\.1: ARP, Request who-has 192\.168\.1\.2 tell 192\.168\.1\.1, length/,
    );
    const gre = `${ETH4} 4500 0046 0000 0000 402f 0000 0a00 0001 0a01 0001 2000 6558 0000 0a01 ${INNER} ${arp}`;
    expect(lines([frameOf(gre)])[0]).toMatch(/^GRE key 0xa01 10\.0\.0\.1 > 10\.1\.0\.1: ARP, Request who-has/);
    const inner = '4500 0014 0000 0000 40fd 0000 c0a8 0101 c0a8 0102';
    // Also where its port was named among VXLAN's.
    for (const vxlanPorts of [[4789], [4790]]) {
      const gpe = frameOf(`${UDP_TUNNEL('12b6')} 0c00 0001 0000 0a00 ${inner}`, { vxlanPorts });
      expect(lines([gpe])[0]).toMatch(
        /^VXLAN-GPE vni 10 10\.0\.0\.1 > 10\.1\.0\.1: IP 192\.168\.1\.1 > 192\.168\.1\.2: ip-proto-253/,
      );
    }
  });

  it('shows VLAN tags with -e', () => {
    const [arp] = framesOf(`${CAPTURES}ovs-golden.hv1-vm1.pcap`) as [FrameView];
    const hex = Buffer.from(arp.bytes).toString('hex');
    const tagged = frameOf(`${hex.slice(0, 24)} 8100 6064 ${hex.slice(24)}`);
    expect(lines([tagged])).toEqual(['ARP, Request who-has 192.168.1.2 tell 192.168.1.1, length 28']);
    expect(lines([tagged], { linkHeader: true })).toEqual([
      '00:00:00:00:00:01 > ff:ff:ff:ff:ff:ff, ethertype 802.1Q (0x8100), length 46: vlan 100, p 3, ethertype ARP (0x0806), Request who-has 192.168.1.2 tell 192.168.1.1, length 28',
    ]);
  });

  it('names what it does not enter', () => {
    expect(lines([frameOf(`0180c200000e 020000000001 88cc ${'00'.repeat(46)}`)])).toEqual([
      '02:00:00:00:00:01 > 01:80:c2:00:00:0e, ethertype LLDP (0x88cc), length 60',
    ]);
    expect(lines([frameOf(`0180c2000000 020000000001 0026 424203 ${'00'.repeat(43)}`)])).toEqual(['LLC, length 46']);
    expect(lines([frameOf('00'.repeat(20), { linkType: 147 })])).toEqual(['link type not known, length 20']);
    expect(lines([frameOf('00'.repeat(9))])).toEqual([
      'length 9 [truncated: eth needs 14 bytes (frame.cap_len), 9 captured]',
    ]);
  });

  it('has no time where the capture has none', () => {
    expect(lines([dissect((framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`)[1] as FrameView).bytes)], {})).toEqual([
      'ARP, Reply 10.1.0.1 is-at 02:42:0a:01:00:01, length 28',
    ]);
  });

  it('keeps nine digits where the capture has them, and shows a time that runs backwards', () => {
    const frames = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`).slice(0, 2).reverse();
    const start = (time: TextOptions['time'], digits: 6 | 9) =>
      textOf(textReport({ digits, ...(time === undefined ? {} : { time }) }), frames)
        .split('\n')
        .map((line) => line.split('ARP')[0]);
    expect(start(undefined, 9)).toEqual(['11:51:55.807733000 ', '11:51:55.807312000 ', '']);
    expect(start('delta', 6)).toEqual([' 00:00:00.000000 ', '-00:00:00.000421 ', '']);
  });

  it('is one line, whatever the bytes', () => {
    const seed = (framesOf(`${CAPTURES}ovs-unshielded.hv1-eth0.pcap`)[7] as FrameView).bytes;
    for (let at = 0; at < seed.length; at++) {
      for (const value of [0x00, 0x45, 0x60, 0xff]) {
        const bytes = new Uint8Array(seed);
        bytes[at] = value;
        for (const linkHeader of [false, true]) {
          for (const length of [at, bytes.length]) {
            const text = textOf(textReport({ digits: 6, linkHeader, verbose: 2 }), [
              dissect(bytes.subarray(0, length)),
            ]);
            expect(text).toMatch(/^[\x20-\x7e]+\n$/);
            expect(text).not.toMatch(/undefined|NaN|-\d+ bytes/);
          }
        }
      }
    }
  });
});
