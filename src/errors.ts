/**
 * What is thrown: the world or the user got something wrong. Bytes that are wrong are values (`Stop`), and so are
 * expectations that are not met; neither is ever thrown.
 */

/** Error codes. They are API: stable, and tests go by them. */
export const ERROR_CODES = [
  /** The command line does not make sense. */
  'E_USAGE',
  /** A file, or standard input, cannot be opened or read. */
  'E_OPEN',
  /** The file has no byte. */
  'E_EMPTY',
  /** The first bytes are of no format that we read. */
  'E_NOT_A_CAPTURE',
  /** The file ends inside its file header or its first section header. */
  'E_CUT_HEADER',
  /** The file header is of a version, or holds a value, that we do not read. */
  'E_BAD_HEADER',
  /** The file is compressed with something that this machine cannot take off. */
  'E_NO_DECOMPRESSOR',
  /** A capture file cannot be written, or its format cannot hold what is to be written. */
  'E_WRITE',
  /** A filter that cannot be understood. */
  'E_FILTER',
  /** There is no such interface. */
  'E_INTERFACE',
  /** No way to capture: no permission, no program, or a capture that broke off. */
  'E_LIVE',
  /** A field name that is in no table. */
  'E_FIELD',
  /** A value that a field cannot have. */
  'E_VALUE',
  /** A golden that does not exist, is not valid, or fits no capture. */
  'E_GOLDEN',
  /** A frame view that was used after the next frame was read. */
  'E_LATE_VIEW',
  /** There is no such scenario, or it cannot be built as asked. */
  'E_LAB_SCENARIO',
  /** This machine lacks what the lab needs: root, a program, a kernel feature. */
  'E_LAB_MACHINE',
  /** A lab of this name is there already, or is not there. */
  'E_LAB_NAME',
  /** A command of the lab failed, or did not end in time. */
  'E_LAB_COMMAND',
  /** The lab was interrupted. */
  'E_LAB_INTERRUPTED',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** A failure of the environment or of usage. Its message is one line that says what to do. */
export class VxdumpError extends Error {
  readonly code: ErrorCode;

  /**
   * @param code what went wrong
   * @param message one line: the file, the offset where there is one, the reason
   * @param cause the error below, where there is one
   */
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'VxdumpError';
    this.code = code;
  }
}
