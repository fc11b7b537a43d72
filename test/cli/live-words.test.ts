/**
 * What `vxdump live` says of a command line that makes no sense, before it opens anything.
 */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { vxdump } from '../helpers/vxdump.js';

describe.runIf(existsSync('/proc/net/dev'))('live', () => {
  it.each([
    [['lo', '--stats', '-w', '-'], 'vxdump: live: --stats and -w - both want standard output: name a file\n'],
    [['lo', '--stats', '--format', 'ndjson'], 'vxdump: live: --stats prints tables instead of frames; leave out -V'],
    [['--stats', 'lo'], 'or stands behind the interfaces'],
    [['lo', 'lo9'], 'vxdump: filter: lo9 is no interface (vxdump live -D lists them), and no field\n  lo9\n  ^\n'],
    [['lo', 'inner.ip.scr == 1.2.3.4'], "vxdump: filter: unknown field 'inner.ip.scr'; did you mean ip.src?\n"],
    [
      ['lo', 'udp port 4789'],
      'vxdump: filter: "and" or "or" belongs here, not "port"; a libpcap filter goes behind -f\n  udp port 4789\n      ^\n',
    ],
    [['-i', 'lo', 'host', '10.0.0.1'], "vxdump: filter: unknown field 'host'; a libpcap filter goes behind -f\n"],
    [['lo', 'ip.src', '=', '10.0.0.1'], 'vxdump: filter: '],
  ])('%j is exit 2, and says what to write instead', async (words, text) => {
    const { exit, stdout, stderr } = await vxdump(['live', ...words]);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr).toContain(text);
    expect(stderr.includes('behind -f')).toBe(text.includes('behind -f'));
  });
});
