/** The matchers, as a user's test has them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import '../src/vitest.js';

const GOOD = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';
const BAD = 'fixtures/captures/ovs-unshielded.hv1-eth0.pcap';

describe('toMatchGolden', () => {
  it('passes what matches, and shows the diff of what does not', async () => {
    await expect(GOOD).toMatchGolden('six-packet');
    await expect([GOOD, 'fixtures/captures/ovs-golden.hv2-eth0.pcap']).toMatchGolden('six-packet');
    await expect(BAD).not.toMatchGolden('six-packet');
    const failed = expect(BAD).toMatchGolden('six-packet');
    await expect(failed).rejects.toThrow('frame 3: extra: step 2, underlay ARP reply, once more');
    await expect(expect(GOOD).not.toMatchGolden('six-packet')).rejects.toThrow('PASS');
    await expect(expect(GOOD).toMatchGolden('nine-packet')).rejects.toThrow('no golden');
  });

  it('fails what is cut behind its last step, and what has no frame, as the command does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxdump-vitest-'));
    const file = (name: string, content: string | Uint8Array): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    try {
      const cut = file('cut.pcap', Buffer.concat([readFileSync(GOOD), new Uint8Array(5)]));
      await expect(expect(cut).toMatchGolden('six-packet')).rejects.toThrow('cut at byte 684');
      await expect(cut).not.toMatchGolden('six-packet');
      const empty = file('empty.pcap', readFileSync(GOOD).subarray(0, 24));
      const lenient = file(
        'lenient.yaml',
        'schema: vxdump.golden/1\nname: x\nsteps: [{ name: a, optional: true, match: { icmp.type: 8 } }]\n',
      );
      await expect(expect(empty).toMatchGolden(lenient)).rejects.toThrow('nothing to test');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('toHaveFindings', () => {
  it('wants exactly these', async () => {
    await expect(expect(GOOD).toHaveFindings(['no-such-finding'])).rejects.toThrow('expected no-such-finding');
    await expect(GOOD).not.toHaveFindings(['no-such-finding']);
  });
});
