/**
 * Reporters of goldens, read back by programs that are not ours: xmllint with JUnit's schema, a TAP parser.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Parser } from 'tap-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkGolden } from '../../src/check-golden.js';
import type { GoldenResult } from '../../src/golden/verdict.js';
import { githubGolden } from '../../src/report/golden/github.js';
import { jsonGolden } from '../../src/report/golden/json.js';
import { junitGolden } from '../../src/report/golden/junit.js';
import { prettyGolden } from '../../src/report/golden/pretty.js';
import { tapGolden } from '../../src/report/golden/tap.js';
import { hasTool } from '../helpers/tool.js';
import { vxdump } from '../helpers/vxdump.js';

const GOOD = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';
const BAD = 'fixtures/captures/ovs-unshielded.hv1-eth0.pcap';
/** What every format must get past: markup, directives, commands, control characters. */
const NASTY = 'a%b\r\nc::error::d, "e" <f> & \'g\' # SKIP ]]> \u0000\u001b[31m \ud800 ::';

let results: GoldenResult[];
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'vxdump-report-'));
  const [good] = await checkGolden([GOOD], 'six-packet');
  const [bad] = await checkGolden([BAD], 'six-packet');
  results = [good, bad, { ...bad, path: NASTY, problems: [NASTY] }] as GoldenResult[];
});
afterAll(() => rmSync(scratch, { recursive: true }));

describe('junit', () => {
  it.runIf(hasTool('xmllint'))('obeys its schema', () => {
    const file = join(scratch, 'junit.xml');
    writeFileSync(file, junitGolden(results));
    execFileSync('xmllint', ['--noout', '--schema', 'fixtures/junit.xsd', file], { stdio: 'pipe' });
    const count = (path: string) =>
      Number(execFileSync('xmllint', ['--xpath', `string(${path})`, file], { encoding: 'utf8' }));
    expect(count('count(//testcase)')).toBe(3);
    expect(count('count(//failure)')).toBe(2);
    expect(count('/testsuites/@failures')).toBe(2);
    writeFileSync(file, junitGolden(results).replace('<testcase name', '<testcase nome'));
    expect(() =>
      execFileSync('xmllint', ['--noout', '--schema', 'fixtures/junit.xsd', file], { stdio: 'pipe' }),
    ).toThrow();
  });
});

describe('tap', () => {
  it('is read by a parser', () => {
    const points = Parser.parse(tapGolden(results))
      .filter(([type]) => type === 'assert')
      .map(([, point]) => point) as {
      ok: boolean;
      name: string;
      skip?: unknown;
      diag?: { message: string; diff: string };
    }[];
    expect(points.map(({ ok }) => ok)).toEqual([true, false, false]);
    expect(points[1]?.name).toBe(`six-packet: ${BAD}`);
    expect(points[1]?.diag?.message).toContain('step 2, underlay ARP reply');
    expect(points[1]?.diag?.diff).toContain('✓ frame 1');
    expect(points[2]?.skip).toBeFalsy();
    expect(points[2]?.diag?.message).toContain(NASTY.slice(0, 3));
  });
});

describe('json', () => {
  it('obeys its schema, and has numbers where a golden has their names', async () => {
    const validate = new Ajv2020({ allowUnionTypes: true }).compile(
      JSON.parse(readFileSync('schema/assertion.json', 'utf8')),
    );
    const golden = join(scratch, 'opcodes.yaml');
    writeFileSync(
      golden,
      `schema: vxdump.golden/1\nname: x\nsteps:\n` +
        '  - { name: a, match: { arp.opcode: reply, eth.dst: ff:ff:ff:ff:ff:ff, arp.src.proto_ipv4: 10.0.0.1 } }\n',
    );
    const other = await checkGolden([GOOD], golden);
    const document = JSON.parse(jsonGolden([...results, ...other]));
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(document.verdict).toBe('fail');
    expect(document.sequences[3].divergence).toEqual({
      kind: 'field',
      step: { index: 1, name: 'a' },
      actual: { tap: 'ovs-golden.hv1-eth0', frame: 1 },
      fields: [{ field: 'arp.opcode', expected: 2, actual: 1 }],
    });
  });
});

describe('github', () => {
  it('escapes what would be a command', () => {
    const lines = githubGolden(results).trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(
      /^::error file=fixtures\/captures\/ovs-unshielded\.hv1-eth0\.pcap,title=six-packet%3A [^:]*::FAIL/,
    );
    expect(lines[1]).toContain('%0A');
    expect(lines[2]).toMatch(/^::error file=a%25b%0D%0Ac%3A%3Aerror%3A%3Ad%2C "e"/);
    for (const line of lines) expect(line).not.toContain('\r');
  });
});

describe('pretty', () => {
  it('is coloured where a terminal shows it, and safe', () => {
    const plain = prettyGolden(results, { color: false });
    for (const control of ['\u001b', '\u0000', '\r']) expect(plain).not.toContain(control);
    const colored = prettyGolden(results, { color: true });
    expect(colored).toContain('\u001b[32mPASS\u001b[0m');
    expect(colored).toContain('\u001b[31mFAIL\u001b[0m');
  });
});

describe('vxdump assert', () => {
  it('writes several reports at once', async () => {
    const [xml, tap] = [join(scratch, 'out.xml'), join(scratch, 'out.tap')];
    const argv = ['assert', GOOD, '--golden', 'six-packet', '--reporter', `junit=${xml}`, '--reporter', `tap=${tap}`];
    expect(await vxdump([...argv, '--reporter', 'json'])).toMatchObject({ exit: 0, stderr: '' });
    expect(readFileSync(xml, 'utf8')).toContain('<testsuites');
    expect(readFileSync(tap, 'utf8')).toContain('ok 1 - six-packet');
    expect(
      await vxdump(['assert', GOOD, '--golden', 'six-packet', '--reporter', 'tap', '--reporter', 'json']),
    ).toMatchObject({ exit: 2, stdout: '' });
    expect(await vxdump([...argv, '--reporter', 'tap=/nowhere/x'])).toMatchObject({ exit: 2 });
    expect(await vxdump([...argv, '--reporter', 'toast'])).toMatchObject({ exit: 2 });
  });

  it.each([
    [0, [GOOD, '--golden', 'six-packet']],
    [1, [BAD, '--golden', 'six-packet']],
    [2, [GOOD, '--golden', 'seven-packet']],
    [2, [GOOD, '--golden', 'no/such.yaml']],
    [2, ['no-such.pcap', '--golden', 'six-packet']],
    [2, [GOOD]],
  ])('exits with %i', async (exit, argv) => {
    expect(await vxdump(['assert', ...argv])).toMatchObject({ exit });
  });

  it('exits with 4 where there is no frame, with 3 where the capture is cut', async () => {
    const bytes = readFileSync(GOOD);
    const [empty, cut] = [join(scratch, 'empty.pcap'), join(scratch, 'cut.pcap')];
    writeFileSync(empty, bytes.subarray(0, 24));
    writeFileSync(cut, bytes.subarray(0, bytes.length - 5));
    expect(await vxdump(['assert', empty, '--golden', 'six-packet'])).toMatchObject({ exit: 4 });
    expect(await vxdump(['assert', cut, '--golden', 'six-packet'])).toMatchObject({ exit: 3 });
    expect(await vxdump(['assert', cut, '--golden', 'six-packet', '--allow-truncated'])).toMatchObject({ exit: 1 });
  });
});
