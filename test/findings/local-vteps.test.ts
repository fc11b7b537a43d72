/** Which VTEPs a tap may be at, and which it is at, by what it saw and by what pairing shows. */
import { expect, it } from 'vitest';
import type { Facts, TapFacts } from '../../src/findings/facts.js';
import { isAt, mayBeAt } from '../../src/findings/local-vteps.js';

/** A tunnel, `A>B`; to a group where its end is `*`. */
type Tunnel = string;

interface Given {
  /** What the underlay tap saw. */
  readonly tunnels?: readonly Tunnel[];
  /** VTEPs that pairing shows to be on its host. */
  readonly shown?: readonly string[];
  /** Hosts of the underlay tap and of an overlay tap, and the underlay tap that is the latter's own. */
  readonly hosts?: readonly [string | null, string | null];
  readonly own?: string;
}

/** Those of A, B, C that the tap `eth1` may be at, and those that it is at. */
function placed({ tunnels = [], shown = [], hosts = [null, null], own = 'eth1' }: Given): string {
  const tap = (name: string, host: string | null, rows: number) => ({
    ...{ name, host },
    evidence: { senders: { list: () => Array.from({ length: rows }, (_, row) => ({ row })) } },
  });
  const eth1 = tap('eth1', hosts[0], tunnels.length) as unknown as TapFacts;
  const facts = {
    taps: [eth1, tap('vm1', hosts[1], 0)],
    ownUnderlay: new Map([['vm1', own]]),
    localVteps: shown.length === 0 ? new Map() : new Map([['eth1', new Set(shown)]]),
    ways: {
      at: (row: number) => {
        const [source, destination] = (tunnels[row] as Tunnel).split('>');
        return { source, destination, pair: { isToGroup: destination === '*' } };
      },
    },
  } as unknown as Facts;
  const those = (is: typeof isAt) => ['A', 'B', 'C'].filter((vtep) => is(facts, eth1, vtep)).join('');
  return `${those(mayBeAt)}/${those(isAt)}`;
}

it.each<[string, readonly Tunnel[], string]>([
  ['none, where it saw nothing', [], '/'],
  ['both ends of the tunnels between two: it is at neither for sure', ['A>B', 'B>A'], 'AB/'],
  ['the one that all tunnels have in common', ['A>B', 'C>A'], 'A/A'],
  ['none, where they have none in common, in whatever order', ['A>B', 'A>C', 'B>C'], '/'],
  ['none, where they have none in common, though the last has one with the first', ['A>B', 'C>D', 'A>B'], '/'],
  ['as though nothing had gone to a group', ['C>*', 'A>B', 'A>C'], 'A/A'],
])('by its tunnels: %s', (_, tunnels, places) => expect(placed({ tunnels })).toBe(places));

const tunnels = ['A>B', 'B>C'] as const;

it.each<[string, Given, string]>([
  ['the one that pairing shows, where an overlay tap of its host belongs to it', {}, 'A/A'],
  ['not for sure where names give no hosts', { hosts: [null, null] }, 'A/'],
  ['not for sure where the overlay tap is of another host', { hosts: ['hv1', 'hv2'] }, 'A/'],
  ['not for sure where the overlay tap belongs to another underlay tap', { own: 'eth2' }, 'A/'],
  ['for sure, too, where all tunnels have it in common', { hosts: [null, null], tunnels: ['A>B', 'A>C'] }, 'A/A'],
  ['of two that it shows, the one that all tunnels have in common', { shown: ['A', 'B'] }, 'AB/B'],
  [
    'of two that it shows, neither for sure, where both are ends of all',
    { shown: ['A', 'B'], tunnels: ['A>B'] },
    'AB/',
  ],
  ['both that it shows, where they have none in common', { shown: ['A', 'C'], tunnels: ['A>B', 'C>D'] }, 'AC/AC'],
  ['not the one that they have in common, where another is shown', { hosts: [null, null], shown: ['C'] }, 'C/'],
])('by pairing: %s', (_, given, places) => {
  expect(placed({ tunnels, shown: ['A'], hosts: ['hv1', 'hv1'], ...given })).toBe(places);
});
