import { VxdumpError } from '../errors.js';

/** The command line does not make sense; the message says what to write instead. */
export class UsageError extends VxdumpError {
  constructor(message: string) {
    super('E_USAGE', message);
  }
}
