/**
 * Where things lie in memory that WebAssembly works in, bytes from its start. Numbers alone: AssemblyScript reads them, too.
 */

/** Where the bytes start: those that are loaded together with their last ones lie before them. */
export const WINDOW = 16;
