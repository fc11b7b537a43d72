/** Gives root's rights up: what captures needs them only until its socket is open. */
import { readFileSync } from 'node:fs';

/**
 * Goes on as another user, with that user's groups.
 *
 * @throws where there is no such user, or this one may not
 */
export function become(user: string): void {
  const group = groupOf(user);
  // Node has it, its types do not.
  (process as { initgroups?: (user: string, group: number) => void }).initgroups?.(user, group);
  process.setgid?.(group);
  process.setuid?.(user);
}

/** A user's own group. @throws where there is no such user */
export function groupOf(user: string): number {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${user}:`));
  if (line === undefined) throw new Error('no such user');
  return Number(line.split(':')[3]);
}
