/**
 * What a lab has set up, on disk before it is set up: so that `lab down` works after a crash, and touches nothing else.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { VxdumpError } from '../errors.js';
import { LAB_NAME, type RuntimeName, STATE_ROOT } from './placement.js';
import type { Vtep } from './scenario.js';

/** What `down`, `status`, `exec` and `capture` need to know of a lab. */
export interface LabState {
  readonly lab: string;
  readonly scenario: string;
  readonly vtep: Vtep;
  readonly runtime: RuntimeName;
  /** The process that runs it, where one does. */
  readonly pid: number | null;
  /** Commands that undo it, the last one first. */
  readonly undo: readonly (readonly string[])[];
}

/** The state of one lab, in a folder of its own. */
export class StateFile {
  readonly #folder: string;
  #state: LabState;

  private constructor(folder: string, state: LabState) {
    this.#folder = folder;
    this.#state = state;
  }

  /** Takes the name. @throws VxdumpError E_LAB_NAME where it is taken, E_LAB_MACHINE where nothing can be written */
  static create(state: LabState, root: string = STATE_ROOT): StateFile {
    const folder = `${root}/${checkedName(state.lab)}`;
    try {
      mkdirSync(root, { recursive: true });
      mkdirSync(folder);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') {
        const how = `vxdump lab down --name ${state.lab}`;
        throw new VxdumpError('E_LAB_NAME', `a lab named ${state.lab} is there already, or was left: ${how}`, error);
      }
      throw new VxdumpError('E_LAB_MACHINE', `cannot make ${folder}: ${(error as Error).message}`, error);
    }
    const file = new StateFile(folder, state);
    try {
      file.#write();
    } catch (error) {
      file.remove();
      throw error;
    }
    return file;
  }

  /** Opens a lab's state. @returns null where there is none */
  static open(lab: string, root: string = STATE_ROOT): StateFile | null {
    const folder = `${root}/${checkedName(lab)}`;
    if (!existsSync(folder)) return null;
    let state: LabState = { lab, scenario: '?', vtep: 'kernel', runtime: 'netns', pid: null, undo: [] };
    // Without a readable file the lab got no further than its folder.
    if (existsSync(`${folder}/state.json`)) state = JSON.parse(readFileSync(`${folder}/state.json`, 'utf8'));
    return new StateFile(folder, state);
  }

  /** Opens the state of a lab that must be there. @throws VxdumpError E_LAB_NAME */
  static require(lab: string): StateFile {
    const file = StateFile.open(lab);
    if (file !== null) return file;
    throw new VxdumpError('E_LAB_NAME', `no lab named ${lab} is there: vxdump lab up --name ${lab}`);
  }

  get state(): LabState {
    return this.#state;
  }

  /** Puts new values in it. @throws VxdumpError E_LAB_MACHINE where the disk is full */
  update(change: Partial<LabState>): void {
    this.#state = { ...this.#state, ...change };
    this.#write();
  }

  /** Forgets the lab. */
  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    const root = this.#folder.slice(0, this.#folder.lastIndexOf('/'));
    try {
      rmdirSync(root);
    } catch {
      // Other labs are there.
    }
  }

  #write(): void {
    const path = `${this.#folder}/state.json`;
    try {
      writeFileSync(`${path}.new`, JSON.stringify(this.#state));
      renameSync(`${path}.new`, path);
    } catch (error) {
      throw new VxdumpError('E_LAB_MACHINE', `cannot write ${path}: ${(error as Error).message}`, error);
    }
  }
}

/** Names of the labs that are there, sorted. */
export function labNames(root: string = STATE_ROOT): string[] {
  return existsSync(root) ? readdirSync(root).sort() : [];
}

function checkedName(lab: string): string {
  if (LAB_NAME.test(lab)) return lab;
  throw new VxdumpError('E_USAGE', `"${lab}" is no lab's name: up to 20 of a-z, 0-9 and -, the first no -`);
}
