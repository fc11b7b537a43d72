/**
 * Options of the commands that print frames, with tcpdump's letters.
 */
import { type Command, Option } from 'commander';
import { wholeNumber } from './options.js';
import { type Repeats, TIMES } from './read-flags.js';

/** Adds them. @param words the command line, which decides what -e means @returns how often letters stood on the line */
export function addPrintOptions(command: Command, words: readonly string[]): Repeats {
  const repeats: Repeats = { t: 0, v: 0, x: 0, X: 0 };
  command
    .addOption(
      new Option('--format <format>', 'how to print a frame')
        .choices(['text', 'ndjson', 'json', 'csv', 'fields'])
        .default('text'),
    )
    .addOption(linkHeaderOrFields(words))
    .option('-V', 'print every field of every layer')
    .option('-c <n>', 'stop after n frames', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('-x', 'add bytes in hexadecimal; -xx with the link header')
    .option('-X', 'add bytes in hexadecimal and ASCII; -XX with the link header')
    .option('-v', 'say more; -vv says most')
    .option('--reassemble', 'put IP fragments together: the last one shows all of its datagram')
    .option('-t', 'no time; -tt epoch, -ttt delta, -tttt date, -ttttt since the first frame')
    .addOption(new Option('--time <style>', 'how to print the time').choices(Object.keys(TIMES)))
    .option('-n', 'accepted: addresses and ports are always numbers')
    .option('-l', 'accepted: output never waits for a full buffer');
  for (const letter of ['t', 'v', 'x', 'X'] as const) {
    command.on(`option:${letter}`, () => {
      repeats[letter]++;
    });
  }
  return repeats;
}

/** `-e` is tcpdump's link-header switch, and tshark's choice of a field where `--format fields` stands on the line. */
function linkHeaderOrFields(words: readonly string[]): Option {
  const fields = words.some(
    (word, index) => word === '--format=fields' || (word === 'fields' && words[index - 1] === '--format'),
  );
  if (!fields) return new Option('-e', 'print the link header; with --format fields: -e FIELD chooses a field');
  return new Option('-e <field>', 'a field to print; once for each').argParser((name, names: string[] = []) => [
    ...names,
    name,
  ]);
}
