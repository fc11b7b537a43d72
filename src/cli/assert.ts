/**
 * `vxdump assert`: captures held against a golden sequence, for CI.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { type AssertFlags, REPORTERS, type Reporter } from './assert-flags.js';
import type { Io } from './io.js';
import { allowTruncatedOption, colorOption, vxlanPortOption } from './options.js';

const EXAMPLES = `
Examples:
  vxdump assert vm1_underlay.pcap --golden six-packet
  vxdump assert vm1_underlay.pcap vm2_underlay.pcap --golden six-packet --reporter junit=report.xml
  vxdump assert overlay=vm1.pcap underlay=eth0.pcap --golden ours.yaml

Exit codes: 0 all pass, 1 one fails, 2 usage or a bad golden file, 3 a capture is cut, 4 no frame to test.
"vxdump golden list" has the goldens that ship; "vxdump golden record" makes one from a good capture.
`;

/** The command. @param finish takes the exit code */
export function assertCommand(io: Io, finish: (exit: number) => void): Command {
  return new Command('assert')
    .description('hold captures against a golden sequence: a test for CI')
    .argument('<capture...>', '[[HOST:]TAP=]FILE; - is standard input')
    .addOption(new Option('--golden <golden>', 'the name of one that ships, or a file').makeOptionMandatory())
    .addOption(
      new Option('--reporter <reporter>', `${REPORTERS.join(', ')}; NAME=FILE writes a file; repeatable`)
        .default([], 'pretty')
        .argParser((text, before: Reporter[]) => [...before, reporter(text)]),
    )
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addOption(colorOption())
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], flags: AssertFlags) => {
      const { runAssert } = await import('./run-assert.js');
      finish(await runAssert(captures, flags, io));
    });
}

function reporter(text: string): Reporter {
  const [, name, path] = /^([a-z]+)(?:=(.+))?$/s.exec(text) ?? [];
  const known = REPORTERS.find((each) => each === name);
  if (known === undefined)
    throw new InvalidArgumentError(`It takes ${REPORTERS.join(', ')}, with =FILE where one is to be written.`);
  return { name: known, path: path === undefined || path === '-' ? null : path };
}
