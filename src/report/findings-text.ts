/**
 * Findings for people: one line that says how it stands, then each with its frames and what to do.
 */
import { styleText } from 'node:util';
import type { Analysis } from '../analysis.js';
import type { FrameReference } from '../correlate/report/correlation.js';
import { printable } from '../fields/text.js';
import { type Finding, SEVERITIES, type Severity } from '../findings/finding.js';
import { number } from '../findings/wording.js';

/** The most findings of one kind that are told, and the most frames that are listed of one. */
const MAX_ALIKE = 10;
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

/** Findings, lines ended, of each kind the first ten; empty without any. **Cost** allocates. */
export function findingsText(findings: readonly Finding[], color: boolean): string {
  if (findings.length === 0) return '';
  const title = color ? styleText('bold', 'Findings', { validateStream: false }) : 'Findings';
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = heading(finding, color);
    const alike = kinds.get(kind);
    if (alike === undefined) kinds.set(kind, [finding]);
    else alike.push(finding);
  }
  const texts = [...kinds].map(([kind, alike]) => {
    const more = alike.length - MAX_ALIKE;
    const told = alike.slice(0, MAX_ALIKE).map((finding) => findingText(finding, color));
    return told.join('') + (more > 0 ? `  ${kind}: ${number(more)} more; --format json has them all.\n` : '');
  });
  return `${title}\n${texts.join('')}`;
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
  return count === 0 ? '' : `${number(count)} ${severity}${count > 1 && severity !== 'info' ? 's' : ''}`;
}

/** `eth0 3, 4, 9; vm1 7`, shortened where they are many. */
function framesText(evidence: readonly FrameReference[]): string {
  const shown = evidence.slice(0, MAX_FRAMES);
  const byTap = new Map<string, number[]>();
  for (const { tap, frame } of shown) byTap.set(tap, [...(byTap.get(tap) ?? []), frame]);
  const more = evidence.length > shown.length ? ' …' : '';
  return [...byTap].map(([tap, frames]) => `${printable(tap)} ${frames.join(', ')}`).join('; ') + more;
}
