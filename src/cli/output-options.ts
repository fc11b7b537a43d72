/**
 * Options of commands that write captures, with tcpdump's letters.
 */
import { Option } from 'commander';
import { wholeNumber } from './options.js';

/** Options, by the names that commander gives them. */
export interface OutputFlags {
  readonly w?: string;
  readonly C?: number;
  readonly G?: number;
  readonly W?: number;
}

/** `-w`, `-C`, `-G`, `-W`. @param description of -w */
export function outputOptions(description: string): Option[] {
  return [
    new Option('-w <file>', description),
    new Option('-C <megabytes>', 'with -w: go on in another file behind so many million bytes').argParser(
      wholeNumber(1, 1_000_000_000),
    ),
    new Option('-G <seconds>', 'with -w: go on in another file every so many seconds; %Y%m%d… in its name').argParser(
      wholeNumber(1, 1_000_000_000),
    ),
    new Option('-W <files>', 'with -C: write over so many files in turn; with -G: end after so many').argParser(
      wholeNumber(1, 1_000_000),
    ),
  ];
}
