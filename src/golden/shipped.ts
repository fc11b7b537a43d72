/**
 * The golden sequences that ship. To add one is to add its file, and a line here.
 *
 * The build turns a YAML file into a module that has its text and what it says (yaml-module.js): nobody who only compares
 * loads a YAML parser.
 */
import { compileGolden } from './compile.js';
import type { GoldenDocument } from './document.js';
import type { Golden } from './golden.js';
import { EDITOR_LINE } from './schema.js';
import * as fourPacket from './sequences/four-packet.yaml';
import * as learnedPing from './sequences/learned-ping.yaml';
import * as sixPacket from './sequences/six-packet.yaml';
import * as sixPacketRepeat from './sequences/six-packet-repeat.yaml';

/** A golden file that ships. */
export interface Shipped {
  readonly name: string;
  readonly description: string;
  /** The file, as one beside node_modules has it. */
  readonly text: string;
  readonly document: GoldenDocument;
}

/** All of them; of several that a capture matches, the first one names it. */
export const SHIPPED: readonly Shipped[] = [sixPacket, fourPacket, sixPacketRepeat, learnedPing].map(
  ({ text, document }) => ({
    name: document.name,
    description: document.description ?? '',
    text: text.replace(/^# yaml-language-server:.*/, EDITOR_LINE),
    document,
  }),
);

/** A shipped golden by its name, compiled; null where there is none. */
export function shippedGolden(name: string): Golden | null {
  const found = SHIPPED.find((shipped) => shipped.name === name);
  return found === undefined ? null : compileGolden(found.document);
}
