import { describe, expect, it } from 'vitest';
import type { FrameView } from '../../src/dissect/frame-view.js';
import { csvReport, DEFAULT_COLUMNS } from '../../src/report/csv.js';
import { fieldsReport } from '../../src/report/fields.js';
import { framesOf, textOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;
const FRAMES = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`);
const [ARP, , , , PING] = FRAMES as [FrameView, FrameView, FrameView, FrameView, FrameView];

/** A frame whose interface has a name. */
function named(view: FrameView, interfaceName: string) {
  const { number, tap, interfaceId, capturedLen, wireLen, seconds, nanoseconds, stack } = view;
  return { number, tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack };
}

describe('fields', () => {
  it('are a line a frame, with tabs between and no header', () => {
    expect(textOf(fieldsReport(['frame.number', 'inner.ip.src', 'ip.ttl']), [ARP, PING])).toBe(
      '1\t\t\n5\t192.168.1.1\t64,64\n',
    );
  });

  it('of a hostile interface name are one cell, and nothing a terminal obeys', () => {
    const frame = named(PING, 'a\tb\n\u001b[2J\u009b\u202e');
    expect(textOf(fieldsReport(['frame.interface_name', 'frame.number']), [frame])).toBe(
      'a\\x09b\\x0a\\x1b[2J\\x9b\\x202e\t5\n',
    );
  });

  it('must be known', () => {
    expect(() => fieldsReport(['ip.src', 'ip.sorc'])).toThrow(expect.objectContaining({ code: 'E_FIELD' }));
  });
});

describe('csv', () => {
  it('has a header, and quotes around cells with commas', () => {
    expect(textOf(csvReport(['frame.number', 'ip.src', 'vxlan.vni']), [ARP, PING])).toBe(
      'frame.number,ip.src,vxlan.vni\r\n1,,\r\n5,"10.0.0.1,192.168.1.1",5000\r\n',
    );
  });

  it('doubles quotes within a cell', () => {
    expect(textOf(csvReport(['frame.interface_name']), [named(PING, 'a"b,\r\n')])).toBe(
      'frame.interface_name\r\n"a""b,\\x0d\\x0a"\r\n',
    );
  });

  it('has a set of columns of its own', () => {
    const [header, row] = textOf(csvReport(), [PING]).split('\r\n');
    expect(header).toBe(DEFAULT_COLUMNS.join(','));
    expect(row).toBe(
      '5,1795348315.835773000,148,eth:ip:udp:vxlan:eth:ip:icmp,5000,' +
        '"02:42:0a:00:00:01,00:00:00:00:00:01","02:42:0a:01:00:01,00:00:00:00:00:02",' +
        '"10.0.0.1,192.168.1.1","10.1.0.1,192.168.1.2",,,33640,4789,,,,8',
    );
  });
});
