import type { Log } from 'sarif';
import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import type { Finding } from '../../src/findings/finding.js';
import { sarifText } from '../../src/report/sarif.js';

const DUPLICATES: Finding = {
  id: 'duplicates',
  severity: 'warning',
  message: '2 frames came twice.',
  evidence: [
    { tap: 'hv1%2 in', frame: 8 },
    { tap: 'vm1', frame: 12 },
    { tap: 'vm1', frame: 16 },
  ],
  fix: 'Look for a loop.',
};
const RESERVED: Finding = { id: 'reserved-bits', severity: 'info', message: 'Bits.', evidence: [], fix: 'Nothing.' };

function log(findings: readonly Finding[], path = 'a b/hv1%.pcap'): Log {
  const captures = [
    { tap: 'vm1', path: '/tmp/vm1.pcap' },
    { tap: 'hv1', path },
  ];
  return JSON.parse(sarifText({ captures, findings } as unknown as Analysis, '1.2.3'));
}

describe('SARIF', () => {
  it('has a result for each finding, with the rule that it refers to', () => {
    const { version, runs } = log([DUPLICATES, RESERVED]);
    expect(version).toBe('2.1.0');
    const [{ tool, results = [] }] = runs as [(typeof runs)[number]];
    expect(tool.driver).toMatchObject({ name: 'vxdump', version: '1.2.3' });
    expect(results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ['duplicates', 'warning'],
      ['reserved-bits', 'note'],
    ]);
    for (const { ruleId, ruleIndex = -1 } of results) expect(tool.driver.rules?.[ruleIndex]?.id).toBe(ruleId);
    expect(results[0]?.message.text).toBe('2 frames came twice. Look for a loop.');
  });

  it('has the frames as places in their captures, the first as the location', () => {
    const [run] = log([DUPLICATES]).runs;
    const { locations, relatedLocations = [] } = run?.results?.[0] ?? {};
    expect(locations?.map(({ physicalLocation }) => physicalLocation)).toEqual([
      { artifactLocation: { uri: 'a%20b/hv1%25.pcap', index: 1 }, region: { startLine: 8 } },
    ]);
    expect(relatedLocations.map(({ physicalLocation }) => physicalLocation?.region?.startLine)).toEqual([12, 16]);
    expect(relatedLocations[0]?.physicalLocation?.artifactLocation).toEqual({ uri: 'file:///tmp/vm1.pcap', index: 0 });
    expect(run?.artifacts?.map(({ location }) => location?.uri)).toEqual(['file:///tmp/vm1.pcap', 'a%20b/hv1%25.pcap']);
  });

  it('is a log without results where nothing was found', () => {
    expect(log([]).runs).toMatchObject([{ tool: { driver: { rules: [] } }, results: [] }]);
  });

  it('has no control characters in what people are shown, nor in paths', () => {
    const evil = 'x\u001b[2J\u202e';
    const text = JSON.stringify(log([{ ...DUPLICATES, message: evil, fix: evil }], `${evil}.pcap`));
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]|\\u00/u);
  });
});
