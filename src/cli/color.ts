/**
 * Whether output is coloured: `--color`, then NO_COLOR and FORCE_COLOR (no-color.org, force-color.org), then the terminal.
 */
import type { Io, Output } from './io.js';

/** Whether to colour what goes to `output`. @param when the value of `--color` */
export function wantsColor(when: string, output: Output, env: Io['env']): boolean {
  if (when !== 'auto') return when === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR'] && env['FORCE_COLOR'] !== '0') return true;
  return output.isTTY && env['TERM'] !== 'dumb';
}
