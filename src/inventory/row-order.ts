/**
 * Rows of the traffic in order: what belongs together then lies side by side, and lists are made by going along it.
 */
import { MAX_TRAFFIC_ROWS } from './traffic.js';

/**
 * The numbers of all rows, ordered by one column after the other, the last one before all others.
 *
 * @param columns by row, 0..2^35-1 each
 *
 * **Cost** allocates. Without a comparison of ours an engine sorts doubles in a tenth of the time: so a row's place goes
 * into the low bits of its value.
 */
export function rowsInOrder(...columns: readonly Float64Array[]): Int32Array {
  const count = columns[0]?.length ?? 0;
  const rows = new Int32Array(count);
  for (let row = 0; row < count; row++) rows[row] = row;
  const keys = new Float64Array(count);
  for (const column of columns) {
    for (let place = 0; place < count; place++) {
      keys[place] = (column[rows[place] as number] as number) * MAX_TRAFFIC_ROWS + place;
    }
    keys.sort();
    const before = rows.slice();
    for (let place = 0; place < count; place++) {
      rows[place] = before[(keys[place] as number) & (MAX_TRAFFIC_ROWS - 1)] as number;
    }
  }
  return rows;
}
