import { describe, expect, it } from 'vitest';
import type { Facts } from '../../src/findings/facts.js';
import type { Claim, Rule } from '../../src/findings/finding.js';
import { judge } from '../../src/findings/judge.js';

const NO_FACTS = {} as Facts;
const claim = (severity: Claim['severity'], vni: number | null, vteps: readonly string[] = []): Claim => ({
  severity,
  message: `${severity} ${vni}`,
  evidence: [],
  fix: '',
  about: { vni, vteps },
});
const rule = (id: string, claims: Claim[], consequenceOf: readonly string[] = []): Rule => ({
  id,
  title: id,
  consequenceOf,
  judge: () => claims,
});
const told = (rules: Rule[], ignored: readonly string[] = []): string[] =>
  judge(NO_FACTS, new Set(ignored), rules).map(({ id, message }) => `${id}: ${message}`);

describe('judge', () => {
  it('puts the worst first, and keeps the order of the rules', () => {
    expect(
      told([
        rule('a', [claim('info', 1)]),
        rule('b', [claim('error', 1)]),
        rule('c', [claim('info', 2), claim('error', 2)]),
      ]),
    ).toEqual(['b: error 1', 'c: error 2', 'a: info 1', 'c: info 2']);
  });

  it('folds a consequence into its cause where both are about the same', () => {
    const cause = rule('cause', [claim('error', 5000, ['10.0.0.1'])]);
    const consequence = (...claims: Claim[]): Rule => rule('consequence', claims, ['cause']);
    expect(told([cause, consequence(claim('error', 5000, ['10.0.0.1', '10.1.0.1']))])).toEqual(['cause: error 5000']);
    expect(told([cause, consequence(claim('error', null))])).toEqual(['cause: error 5000']);
    expect(told([cause, consequence(claim('error', 6000))])).toEqual(['cause: error 5000', 'consequence: error 6000']);
    expect(told([cause, consequence(claim('warning', 5000, ['10.2.0.1']))])).toEqual([
      'cause: error 5000',
      'consequence: warning 5000',
    ]);
  });

  it.each([
    [null, [], 5000, ['10.0.0.1'], true],
    [null, ['10.0.0.1'], 5000, ['10.0.0.1'], true],
    [null, ['10.0.0.1'], 5000, ['10.1.0.1'], false],
    [5000, [], 5000, ['10.0.0.1'], true],
    [5000, [], 6000, ['10.0.0.1'], false],
    [5000, ['10.0.0.1'], 5000, [], true],
    [5000, ['10.0.0.1'], 6000, [], false],
    [5000, ['10.0.0.1'], null, ['10.0.0.1'], true],
    [5000, ['10.0.0.1'], null, ['10.1.0.1'], false],
    [5000, [], null, ['10.1.0.1'], true],
    [5000, ['10.0.0.1'], null, [], true],
    [null, [], null, [], true],
  ])('of VNI %j and VTEPs %j explains VNI %j and VTEPs %j: %j', (vni, vteps, itsVni, itsVteps, explains) => {
    const consequence = rule('consequence', [claim('error', itsVni, itsVteps)], ['cause']);
    expect(told([rule('cause', [claim('info', vni, vteps)]), consequence])).toHaveLength(explains ? 1 : 2);
  });

  it('takes thousands of causes and consequences', () => {
    const many = (first: number): Claim[] =>
      Array.from({ length: 65_536 }, (_, tunnel) => claim('error', first + tunnel, [`10.0.0.${tunnel}`]));
    const rules = [rule('cause', many(1)), rule('consequence', many(100_001), ['cause'])];
    expect(told(rules)).toHaveLength(2 * 65_536);
  });

  it('leaves out what is ignored, and what that explains', () => {
    const rules = [rule('cause', [claim('error', 1)]), rule('consequence', [claim('error', 1)], ['cause'])];
    expect(told(rules, ['cause'])).toEqual([]);
    expect(told(rules, ['consequence'])).toEqual(['cause: error 1']);
  });

  it('folds nothing without a cause', () => {
    expect(told([rule('cause', []), rule('consequence', [claim('error', 1)], ['cause'])])).toEqual([
      'consequence: error 1',
    ]);
  });
});
