/**
 * The folder that a run leaves: its captures and manifest.json, whole or not at all.
 */
import { mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { VxdumpError } from '../errors.js';

/** A file of the run is not whole, since the disk is full. */
export class DiskFull extends VxdumpError {}

/** A folder that files are put in. */
export class OutputFolder {
  readonly path: string;
  readonly #isNew: boolean;

  /** Makes it, unless it is there. @throws VxdumpError E_LAB_MACHINE */
  constructor(path: string) {
    this.path = path;
    try {
      this.#isNew = mkdirSync(path, { recursive: true }) !== undefined;
    } catch (error) {
      throw new VxdumpError('E_LAB_MACHINE', `cannot make ${path}: ${(error as Error).message}`, error);
    }
  }

  /** Makes sure that a file is on disk with all that was written to it. @throws DiskFull */
  requireSize(file: string, least: number): void {
    if (statSync(`${this.path}/${file}`).size >= least) return;
    throw new DiskFull('E_LAB_MACHINE', `${this.path}/${file}: not all could be written: the disk is full`);
  }

  /** Writes a file. @throws VxdumpError E_LAB_MACHINE, and is a DiskFull where it is that */
  write(file: string, text: string): void {
    const path = `${this.path}/${file}`;
    try {
      writeFileSync(path, text);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      const Kind = code === 'ENOSPC' ? DiskFull : VxdumpError;
      throw new Kind('E_LAB_MACHINE', `cannot write ${path}: ${message}`, error);
    }
  }

  /** After a failure: takes away the files of a full disk, and the folder where it was made for nothing. */
  discard(error: unknown, files: readonly string[]): void {
    if (error instanceof DiskFull) for (const file of files) rmSync(`${this.path}/${file}`, { force: true });
    if (!this.#isNew) return;
    try {
      rmdirSync(this.path);
    } catch {
      // Captures are in it: they may say what went wrong.
    }
  }
}
