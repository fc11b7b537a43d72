import { describe, expect, it } from 'vitest';
import { nameTaps } from '../../src/capture/tap.js';

const none = (): boolean => false;
const names = (...texts: string[]): string[] => nameTaps(texts, none).map(({ name }) => name);

describe('nameTaps', () => {
  it('takes the stem, less compression and format', () => {
    expect(names('a/vm1.pcap', 'eth0.pcapng.gz', 'x.cap.zst', 'plain', 'odd.log', '.pcap')).toEqual([
      'vm1',
      'eth0',
      'x',
      'plain',
      'odd.log',
      '.pcap',
    ]);
  });

  it('calls standard input stdin', () => {
    expect(nameTaps(['-', 'in=-'], none).map(({ name, path }) => [name, path])).toEqual([
      ['stdin', '-'],
      ['in', '-'],
    ]);
  });

  it('takes a name and its host from the prefix', () => {
    expect(nameTaps(['hv1:eth0=dir/x.pcap'], none)).toEqual([
      { name: 'eth0', host: 'hv1', namedRole: null, path: 'dir/x.pcap' },
    ]);
    expect(nameTaps(['eth0=dir/a=b.pcap'], none)[0]).toMatchObject({ name: 'eth0', path: 'dir/a=b.pcap' });
  });

  it('takes a prefix with a slash, an empty one, and a file that exists as a path', () => {
    expect(nameTaps(['dir/a=b.pcap'], none)[0]).toMatchObject({ name: 'a=b', path: 'dir/a=b.pcap' });
    expect(nameTaps(['=b.pcap'], none)[0]).toMatchObject({ name: '=b', path: '=b.pcap' });
    expect(nameTaps(['a=b.pcap'], () => true)[0]).toMatchObject({ name: 'a=b', path: 'a=b.pcap' });
  });

  it('knows host and role of files that are named for them, also under another name', () => {
    expect(nameTaps(['d/vm1_overlay.pcap', 'e=vm2_underlay.pcap.gz', '_overlay.pcap'], none)).toEqual([
      { name: 'vm1_overlay', host: 'vm1', namedRole: 'overlay', path: 'd/vm1_overlay.pcap' },
      { name: 'e', host: 'vm2', namedRole: 'underlay', path: 'vm2_underlay.pcap.gz' },
      { name: '_overlay', host: null, namedRole: null, path: '_overlay.pcap' },
    ]);
  });

  it('numbers equal names', () => {
    expect(names('a/x.pcap', 'b/x.pcap', 'x=c.pcap')).toEqual(['x', 'x#2', 'x#3']);
  });
});
