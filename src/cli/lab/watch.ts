/**
 * What a person sees of a lab that is built and taken down.
 */
import { printable } from '../../fields/text.js';
import type { Watch } from '../../lab/build.js';
import type { Io } from '../io.js';
import type { LabFlags } from './flags.js';

/** A line for each phase with its time, on a terminal only; what was not undone, always. */
export function watchOf({ quiet, json }: LabFlags, { stderr, signal, env }: Io): Watch {
  const silent = quiet || json || !stderr.isTTY;
  const tell = (text: string): void => {
    void stderr.write(text).catch(() => {});
  };
  let isOpen = false;
  return {
    signal,
    searchPath: env['PATH'] ?? '',
    onPhase: (title, milliseconds) => {
      if (silent) return;
      // A phase that failed has its line to itself.
      if (milliseconds === null) tell(`${isOpen ? '\n' : ''}  ${title} …`);
      else tell(`\r  ${title.padEnd(16)} ${(milliseconds / 1000).toFixed(2)} s\n`);
      isOpen = milliseconds === null;
    },
    onLeft: (failure) => tell(`vxdump: not undone: ${printable(failure)}\n`),
  };
}
