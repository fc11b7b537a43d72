/**
 * Whether this run rewrites what it would compare with (`npm run goldens`, `npm run readme`). Never in CI.
 */
const wanted = process.env['CI'] === 'true' ? undefined : process.env['VXDUMP_REWRITE'];

/** True where `name` is to be rewritten; without a name, where anything is. */
export function rewrites(name?: string): boolean {
  if (wanted === undefined) return false;
  return wanted === '*' || name === undefined || wanted.split(',').includes(name);
}
