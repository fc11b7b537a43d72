/**
 * Pairing as a function over a stream of small records: a file, a live source or another process can feed it.
 */
import type { Endpoint } from '../inventory/endpoints.js';
import { macText } from '../wire/address.js';
import { type CorrelatedTap, Correlator } from './correlator.js';
import { Flag } from './identity/identity.js';
import type { FrameRecord } from './record.js';
import type { BumRow } from './report/bum.js';
import type { CorrelationRow, HopRow, PairRecord } from './report/correlation.js';
import { CorrelationReport } from './report/correlation-report.js';
import { Tunnels } from './taps/tunnels.js';

/** What pairing may be told. */
export interface CorrelateOptions {
  /** How long a frame waits for its twin, ns; 1 s unless given. */
  readonly windowNs?: number;
  /** VNIs of the overlay taps; all may be their own unless given. */
  readonly vnis?: ReadonlySet<number>;
  /** Called with each pair when it is final. */
  readonly onPair?: (pair: PairRecord) => void;
}

/** What pairing found. */
export interface Correlated {
  readonly taps: readonly CorrelationRow[];
  readonly hops: readonly HopRow[];
  readonly bum: readonly BumRow[];
}

/** Hosts that sent, by what tells them apart. */
type Senders = Map<string, { vni: number; mac: number; tunnel: number; frames: number }>;

/**
 * Pairs records of any number of taps as they come.
 *
 * @param taps by number, as records have it
 * @param batches records in the order of their times, as far as each tap's own times are
 * @returns as `correlation` and `bum` of an analysis
 *
 * **Cost** one pass; memory is bounded by the window and the tables' limits.
 */
export async function correlate(
  taps: readonly CorrelatedTap[],
  batches: AsyncIterable<readonly FrameRecord[]> | Iterable<readonly FrameRecord[]>,
  options: CorrelateOptions = {},
): Promise<Correlated> {
  const tunnels = new Tunnels();
  const { onPair, windowNs, vnis } = options;
  const correlator = new Correlator(taps, tunnels, null, {
    ...(windowNs === undefined ? {} : { windowNs }),
    ...(vnis === undefined ? {} : { vnis }),
    everyPair: onPair !== undefined,
    onPair: (pair) => {
      report.add(pair);
      onPair?.(report.record(pair));
    },
  });
  const report = new CorrelationReport(taps, correlator);
  const senders: Senders = new Map();
  const bare = taps.map(() => new Set<number>());
  for await (const records of batches) {
    for (const record of records) {
      correlator.addRecord(record);
      note(record, tunnels, senders, bare[record.tap] as Set<number>);
    }
  }
  correlator.finish();
  const { rows, hops, bum } = report.finish(endpointsOf(senders, tunnels), {
    sent: (tap, mac) => bare[tap]?.has(mac) ?? false,
    sameRun: () => true,
  });
  return { taps: rows, hops, bum };
}

/** The most senders that are told apart. */
const MAX_SENDERS = 65_536;

function note(record: FrameRecord, tunnels: Tunnels, senders: Senders, bare: Set<number>): void {
  if ((record.flags & Flag.HasMacs) === 0) return;
  const [, high, low] = record.words as [number, number, number];
  const mac = (high & 0xffff) * 0x1_0000_0000 + (low >>> 0);
  if (record.tunnel === null) {
    if (bare.size < MAX_SENDERS) bare.add(mac);
    return;
  }
  const { vni, source, destination } = record.tunnel;
  const key = `${vni},${mac},${source}`;
  const known = senders.get(key);
  if (known !== undefined) known.frames++;
  else if (senders.size < MAX_SENDERS) {
    senders.set(key, { vni, mac, tunnel: tunnels.numberOf(vni, source, destination), frames: 1 });
  }
}

function endpointsOf(senders: Senders, tunnels: Tunnels): Endpoint[] {
  return [...senders.values()]
    .filter(({ tunnel }) => tunnel >= 0)
    .map(({ vni, mac, tunnel, frames }) => ({
      vni,
      mac: macText(mac),
      addresses: [],
      vtep: tunnels.sender(tunnel),
      frames,
    }));
}
