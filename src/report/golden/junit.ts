/**
 * Verdicts as JUnit XML: a suite with one case for each golden and capture, in the form that Jenkins and GitLab read.
 */

import { type GoldenResult, passed } from '../../golden/verdict.js';
import { prettyGolden } from './pretty.js';
import { divergenceText } from './result.js';

/** The document. */
export function junitGolden(results: readonly GoldenResult[]): string {
  const suites = results.map(suite);
  const failures = results.filter((result) => !passed(result)).length;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="vxdump" tests="${results.length}" failures="${failures}">`,
    ...suites,
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(result: GoldenResult): string {
  const { golden, path, verdict, problems } = result;
  const good = passed(result);
  const lines = [
    `  <testsuite name="${xml(golden.name)}" tests="1" failures="${good ? 0 : 1}" errors="0" skipped="0" time="0">`,
    `    <testcase name="${xml(`${golden.name}: ${path}`)}" classname="vxdump.${xml(golden.name)}" time="0"${good ? '/>' : '>'}`,
  ];
  if (!good) {
    const message = [divergenceText(verdict), ...problems].filter((text) => text !== null).join('; ');
    const text = prettyGolden([result], { color: false });
    lines.push(
      `      <failure message="${xml(message)}" type="${verdict.divergence?.outcome ?? 'pairs'}">${xml(text)}</failure>`,
    );
    lines.push('    </testcase>');
  }
  lines.push('  </testsuite>');
  return lines.join('\n');
}

/** XML 1.0: five entities, and none of the characters that it forbids. */
function xml(text: string): string {
  return Array.from(text, (char) => (forbidden(char) ? '\ufffd' : char))
    .join('')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}

/** Whether XML 1.0 has no such character. */
function forbidden(char: string): boolean {
  const code = char.codePointAt(0) as number;
  if (code < 0x20) return code !== 0x09 && code !== 0x0a && code !== 0x0d;
  return (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff;
}
