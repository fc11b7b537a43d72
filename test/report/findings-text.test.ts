import { describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import type { Finding } from '../../src/findings/finding.js';
import { findingsText, verdictLine } from '../../src/report/findings-text.js';

const finding = (severity: Finding['severity'], more: Partial<Finding> = {}): Finding => ({
  id: 'reordering',
  severity,
  message: '4 of 80 frames came late.',
  evidence: [
    { tap: 'eth0', frame: 3 },
    { tap: 'vm1', frame: 9 },
    { tap: 'eth0', frame: 7 },
  ],
  fix: 'Look at the paths.',
  ...more,
});
/** Control and formatting characters. */
const UNSAFE = /[\p{Cc}\p{Cf}]/u;
const analysis = (findings: readonly Finding[], frames = 6): Analysis =>
  ({ captures: [{ frames }], findings }) as unknown as Analysis;

describe('the first line', () => {
  it('is healthy where nothing is above info, and says how many notes there are', () => {
    expect(verdictLine(analysis([]), false)).toBe('healthy: no error, no warning.\n');
    expect(verdictLine(analysis([finding('info'), finding('info')]), false)).toBe(
      'healthy: no error, no warning (2 info).\n',
    );
  });

  it('is the worst finding, and how many others there are', () => {
    expect(verdictLine(analysis([finding('error')]), false)).toBe('error reordering: 4 of 80 frames came late.\n');
    expect(verdictLine(analysis([finding('warning'), finding('warning'), finding('info')]), false)).toBe(
      'warning reordering: 4 of 80 frames came late. And 1 warning, 1 info more.\n',
    );
  });

  it('judges nothing where there was no frame', () => {
    expect(verdictLine(analysis([], 0), false)).toBe('');
    expect(verdictLine(analysis([finding('error')], 0), false)).toMatch(/^error/);
  });
});

describe('findings as text', () => {
  it('have a sentence, their frames by tap, and what to do', () => {
    expect(findingsText([finding('warning'), finding('info', { evidence: [] })], false)).toBe(
      [
        'Findings',
        '  warning reordering: 4 of 80 frames came late.',
        '    frames: eth0 3, 7; vm1 9',
        '    to do:  Look at the paths.',
        '  info reordering: 4 of 80 frames came late.',
        '    to do:  Look at the paths.',
        '',
      ].join('\n'),
    );
    expect(findingsText([], false)).toBe('');
  });

  it('are ten of a kind, and say how many more there are', () => {
    const many = (severity: Finding['severity'], count: number): Finding[] =>
      Array.from({ length: count }, (_, index) => finding(severity, { message: `Tunnel ${index}.`, evidence: [] }));
    const lines = findingsText([...many('error', 1012), ...many('warning', 10)], false).split('\n');
    expect(lines.filter((line) => /^ {2}error/.test(line))).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `  error reordering: Tunnel ${index}.`),
      '  error reordering: 1,002 more; --format json has them all.',
    ]);
    expect(lines.filter((line) => /^ {2}warning/.test(line))).toHaveLength(10);
  });

  it('list ten frames, and show that there are more', () => {
    const evidence = Array.from({ length: 12 }, (_, index) => ({ tap: 'eth0', frame: index + 1 }));
    expect(findingsText([finding('info', { evidence })], false)).toContain(
      'frames: eth0 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 …\n',
    );
  });

  it('cannot command a terminal', () => {
    const evil = '\u001b]0;pwned\u0007\u202egnp.exe\n';
    const text = findingsText(
      [finding('info', { message: evil, fix: evil, evidence: [{ tap: evil, frame: 1 }] })],
      false,
    );
    expect(text.replaceAll('\n', '')).not.toMatch(UNSAFE);
    expect(text.split('\n')).toHaveLength(5);
    expect(verdictLine(analysis([finding('error', { message: evil })]), false).trimEnd()).not.toMatch(UNSAFE);
  });

  it('have colours where asked for', () => {
    expect(findingsText([finding('warning')], true)).toContain('\u001b[33mwarning\u001b[39m reordering');
  });
});
