/**
 * Exit codes: what a script may rely on. 2 goes before 3, 3 before 1.
 */
export const Exit = {
  Done: 0,
  /** An assertion failed, a finding is as bad as `--fail-on` says, or what was to be verified is not so. */
  Failed: 1,
  /** Usage, a bad filter or golden file, a file that cannot be opened or is no capture. */
  Usage: 2,
  /** A capture is cut or corrupt. */
  CutCapture: 3,
  /** `assert`: no frame to test. */
  NothingToTest: 4,
  /** The lab could not do its job; what it had set up is undone. */
  Lab: 5,
  /** SIGINT or SIGTERM came before the work was good for anything: what shells expect (128 + SIGINT). */
  Interrupted: 130,
} as const;
