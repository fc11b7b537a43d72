/** The matchers, as a user's test has them. */
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
});

describe('toHaveFindings', () => {
  it('wants exactly these', async () => {
    await expect(expect(GOOD).toHaveFindings(['no-such-finding'])).rejects.toThrow('expected no-such-finding');
    await expect(GOOD).not.toHaveFindings(['no-such-finding']);
  });
});
