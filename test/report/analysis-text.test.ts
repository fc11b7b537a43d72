import { describe, expect, it } from 'vitest';
import type { Analysis, CaptureSummary } from '../../src/analysis.js';
import { analysisText } from '../../src/report/analysis-text.js';

const CAPTURE: CaptureSummary = {
  tap: 'eth0',
  path: 'eth0.pcap',
  role: 'underlay',
  format: 'pcap',
  linkTypes: ['EN10MB'],
  frames: 1234,
  vxlanFrames: 0,
  bytes: 5_000_000,
  firstTimeNs: '1526342400000000001',
  lastTimeNs: '1526342401500000001',
  ended: 'complete',
  stops: { truncated: 2, unsupported: 1000 },
};
const EMPTY: Analysis = {
  schema: 'vxdump.analysis/1',
  captures: [CAPTURE],
  vteps: [],
  tunnels: [],
  endpoints: [],
  correlation: null,
  bum: [],
  sequence: null,
  findings: [],
};

function text(more: Partial<Analysis>, color = false): string {
  return analysisText({ ...EMPTY, ...more }, { color });
}

describe('an analysis as text', () => {
  it('starts with a sentence, leaves out tables without rows, and names the commonest stop first', () => {
    expect(text({})).toBe(
      [
        'healthy: no error, no warning.',
        '1,234 frames in 1 capture; none is VXLAN.',
        '',
        'Captures',
        '  tap   role      frames  VXLAN      bytes  first frame, UTC     seconds  link type  stops                           ended',
        '  eth0  underlay   1,234      0  5,000,000  2018-05-15 00:00:00    1.500  EN10MB     unsupported 1,000, truncated 2  complete',
        '',
      ].join('\n'),
    );
  });

  it('shows the busiest rows of a long table, in their own order', () => {
    const tunnels = Array.from({ length: 100 }, (_, vni) => ({
      vni,
      source: '10.0.0.1',
      destination: '10.1.0.1',
      destinationPort: 4789,
      frames: vni % 2 === 0 ? 1 : vni + 2,
      bytes: 100,
      inner: { tcp: 1 },
    }));
    const lines = text({ tunnels }).split('\n');
    const at = lines.indexOf('Tunnels, the 40 busiest of 100');
    const shown = lines.slice(at + 2, at + 42).map((line) => Number(line.trim().split(' ')[0]));
    expect(shown).toEqual(Array.from({ length: 40 }, (_, index) => 21 + 2 * index));
    expect(lines[1]).toMatch(/VNIs 0, 1, 2, 3 and 96 more\.$|none is VXLAN\.$/);
  });

  it('takes times that no calendar reaches, and none at all', () => {
    const captures = [
      { ...CAPTURE, firstTimeNs: '9999999999999999999999999', lastTimeNs: '9999999999999999999999999' },
      { ...CAPTURE, firstTimeNs: '-62135596800000000000', lastTimeNs: '0' },
      { ...CAPTURE, firstTimeNs: null, lastTimeNs: null },
    ];
    const lines = text({ captures }).split('\n');
    expect(lines[5]).toContain(' 9999999999999999 ');
    expect(lines[6]).toContain(' 0001-01-01 00:00:00 ');
    expect(lines).toHaveLength(9);
  });

  it('cannot be made to steer the terminal by a name', () => {
    expect(text({ captures: [{ ...CAPTURE, tap: 'a\u001b[31mb\n' }] })).toContain('a\\x1b[31mb\\x0a');
  });

  it('is coloured only where that is asked for', () => {
    expect(text({})).not.toContain('\u001b');
    expect(text({}, true)).toContain('\u001b[1mCaptures');
  });
});
