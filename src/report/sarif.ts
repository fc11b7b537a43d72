/**
 * Findings as SARIF 2.1.0 (OASIS), for code-scanning views and editors. A capture has no lines: the number of a frame
 * stands in for one.
 */
import type { Location, Log, ReportingDescriptor, Result } from 'sarif';
import type { Analysis } from '../analysis.js';
import { printable } from '../fields/text.js';
import type { Finding } from '../findings/finding.js';
import { RULES } from '../findings/registry.js';

const LEVELS = { error: 'error', warning: 'warning', info: 'note' } as const;

/** The findings of an analysis, lines ended. @param version of vxdump. **Cost** allocates. */
export function sarifText(analysis: Analysis, version: string): string {
  const ids = new Set(analysis.findings.map(({ id }) => id));
  const rules = RULES.filter(({ id }) => ids.has(id));
  const log: Log = {
    version: '2.1.0',
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    runs: [
      {
        tool: {
          driver: {
            name: 'vxdump',
            version,
            rules: rules.map(({ id, title }): ReportingDescriptor => ({ id, shortDescription: { text: `${title}.` } })),
          },
        },
        artifacts: analysis.captures.map(({ tap, path }) => ({
          location: { uri: uriOf(path) },
          description: { text: printable(tap) },
        })),
        results: analysis.findings.map((finding) =>
          resultOf(
            finding,
            analysis,
            rules.findIndex(({ id }) => id === finding.id),
          ),
        ),
        columnKind: 'utf16CodeUnits',
      },
    ],
  };
  return `${JSON.stringify(log, null, 1)}\n`;
}

function resultOf(finding: Finding, { captures }: Analysis, ruleIndex: number): Result {
  const locations = finding.evidence.flatMap(({ tap, frame }): Location[] => {
    // A place within a tap (`any%2 in`) is in the tap's capture.
    const index = captures.findIndex((capture) => capture.tap === tap || tap.startsWith(`${capture.tap}%`));
    const capture = captures[index];
    if (capture === undefined) return [];
    return [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(capture.path), index }, region: { startLine: frame } },
        logicalLocations: [
          { name: `frame ${frame}`, fullyQualifiedName: printable(`${tap} frame ${frame}`), kind: 'frame' },
        ],
      },
    ];
  });
  return {
    ruleId: finding.id,
    ruleIndex,
    level: LEVELS[finding.severity],
    message: { text: printable(`${finding.message} ${finding.fix}`) },
    locations: locations.slice(0, 1),
    ...(locations.length > 1 ? { relatedLocations: locations.slice(1) } : {}),
  };
}

/** A path as a URI reference (RFC 3986); `-` is standard input. */
function uriOf(path: string): string {
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
