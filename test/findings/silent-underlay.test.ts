/** An underlay capture without a frame proves something only where it is known when it was taken. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { analyze } from '../../src/analyze.js';
import { only } from '../helpers/analyze-taps.js';
import { pcap } from '../helpers/capture-writer.js';
import { arp, ethernet, frame } from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const TAPS = ['vm2_overlay', 'vm2_underlay'];
const paths = TAPS.map((tap) => join(scratch.path, `${tap}.pcap`));

function write(request: Uint8Array): void {
  const asked = [1, 2].map((seconds) => ({ bytes: request, seconds, fraction: 0 }));
  writeFileSync(paths[0] as string, pcap(asked));
  writeFileSync(paths[1] as string, pcap([]));
}

it('is told that nothing left the host where a manifest says that the underlay was captured, and else not', async () => {
  write(frame(ethernet({ destination: 0xffffffffffff }), arp()));
  expect(only(await analyze(paths), 'bum-not-encapsulated')).toEqual([]);
  const captures = TAPS.map((tap) => ({ tap, file: `${tap}.pcap`, fromNs: '500000000', untilNs: '3000000000' }));
  writeFileSync(join(scratch.path, 'manifest.json'), JSON.stringify({ schema: 'vxdump.lab-manifest/1', captures }));
  expect(only(await analyze(paths), 'bum-not-encapsulated')).toMatchObject([
    {
      severity: 'error',
      message: expect.stringMatching(
        /^None of 2 requests at vm2_overlay was encapsulated at vm2_underlay \([^;]*\); likely/,
      ),
      evidence: [1, 2].map((number) => ({ tap: 'vm2_overlay', frame: number })),
    },
  ]);
});
