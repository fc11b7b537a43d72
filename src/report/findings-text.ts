/**
 * Findings for people: one line that says how it stands, then each with its frames and what to do.
 */
import { styleText } from 'node:util';
import type { Analysis } from '../analysis.js';
import type { FrameReference } from '../correlate/report/correlation.js';
import { printable } from '../fields/text.js';
import { type Finding, SEVERITIES, type Severity } from '../findings/finding.js';

/** The most frames that are listed of a finding. */
const MAX_FRAMES = 10;
const COLOURS = { error: 'red', warning: 'yellow', info: 'cyan' } as const;

/** How it stands, in one line: healthy, or the worst finding; empty where there was no frame to judge. */
export function verdictLine({ captures, findings }: Analysis, color: boolean): string {
  const worst = findings[0];
  if (worst === undefined || worst.severity === 'info') {
    if (captures.every(({ frames }) => frames === 0)) return '';
    const notes = findings.length === 0 ? '' : ` (${counted(findings, 'info')})`;
    return `${painted('healthy', 'green', color)}: no error, no warning${notes}.\n`;
  }
  const others = SEVERITIES.map((severity) => counted(findings.slice(1), severity)).filter((text) => text !== '');
  const more = others.length === 0 ? '' : ` And ${others.join(', ')} more.`;
  return `${heading(worst, color)}: ${printable(worst.message)}${more}\n`;
}

/** All findings, lines ended; empty without any. **Cost** allocates. */
export function findingsText(findings: readonly Finding[], color: boolean): string {
  if (findings.length === 0) return '';
  const title = color ? styleText('bold', 'Findings', { validateStream: false }) : 'Findings';
  return `${title}\n${findings.map((finding) => findingText(finding, color)).join('')}`;
}

function findingText(finding: Finding, color: boolean): string {
  const frames = framesText(finding.evidence);
  return [
    `  ${heading(finding, color)}: ${printable(finding.message)}`,
    ...(frames === '' ? [] : [`    frames: ${frames}`]),
    `    to do:  ${printable(finding.fix)}`,
    '',
  ].join('\n');
}

function heading({ severity, id }: Finding, color: boolean): string {
  return `${painted(severity, COLOURS[severity], color)} ${id}`;
}

function painted(text: string, colour: 'red' | 'yellow' | 'cyan' | 'green', color: boolean): string {
  return color ? styleText(colour, text, { validateStream: false }) : text;
}

/** `2 errors`; empty where there is none. */
function counted(findings: readonly Finding[], severity: Severity): string {
  const count = findings.filter((finding) => finding.severity === severity).length;
  return count === 0 ? '' : `${count} ${severity}${count > 1 && severity !== 'info' ? 's' : ''}`;
}

/** `eth0 3, 4, 9; vm1 7`, shortened where they are many. */
function framesText(evidence: readonly FrameReference[]): string {
  const shown = evidence.slice(0, MAX_FRAMES);
  const byTap = new Map<string, number[]>();
  for (const { tap, frame } of shown) byTap.set(tap, [...(byTap.get(tap) ?? []), frame]);
  const more = evidence.length > shown.length ? ' …' : '';
  return [...byTap].map(([tap, frames]) => `${printable(tap)} ${frames.join(', ')}`).join('; ') + more;
}
