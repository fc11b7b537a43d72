/**
 * Live capture for real: what ships, in network namespaces of the test's own.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { it as base } from 'vitest';
import { requireBuilt } from './built.js';
import { hasTool } from './tool.js';
import { VethPair } from './veth-pair.js';

/** A program in a namespace, with what it has said so far. */
export class Running {
  stdout: string;
  stderr: string;
  readonly child: ChildProcess;
  readonly #closed: Promise<unknown[]>;

  /** @param reads whether anybody takes what it prints */
  constructor(namespace: string, argv: readonly string[], reads = true) {
    this.stdout = '';
    this.stderr = '';
    this.child = spawn('ip', ['netns', 'exec', namespace, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (reads) {
      this.child.stdout?.on('data', (data) => {
        this.stdout += data;
      });
    }
    this.child.stderr?.on('data', (data) => {
      this.stderr += data;
    });
    this.#closed = once(this.child, reads ? 'close' : 'exit');
  }

  /** Waits until it has said something; fails where it ends first, or never does. */
  async says(words: RegExp): Promise<void> {
    for (let waited = 0; waited < 15_000; waited += 20) {
      if (words.test(this.stdout) || words.test(this.stderr)) return;
      if (this.child.exitCode !== null) break;
      await setTimeout(20);
    }
    throw new Error(`never said ${words}: ${this.stdout}${this.stderr}`);
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  async ends(name?: NodeJS.Signals): Promise<unknown> {
    if (name !== undefined) this.child.kill(name);
    return (await this.#closed)[0];
  }
}

/** Two hosts, and what runs on one of them: `start` anything, `vxdump` a live capture. */
export class LiveHosts {
  readonly pair: VethPair;
  readonly #running: Running[];

  constructor() {
    this.pair = new VethPair();
    this.#running = [];
  }

  start(argv: readonly string[], reads = true): Running {
    const one = new Running(this.pair.here, argv, reads);
    this.#running.push(one);
    return one;
  }

  vxdump(...words: string[]): Running {
    return this.start(['bin/vxdump.js', 'live', ...words]);
  }

  async remove(): Promise<void> {
    for (const one of this.#running) if (one.child.exitCode === null) await one.ends('SIGKILL');
    this.pair.remove();
  }
}

/** A test with hosts of its own: several run at once, since they mostly wait. */
export const it = base.extend<{ hosts: LiveHosts }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads there what a fixture needs.
  hosts: async ({}, use) => {
    requireBuilt();
    const hosts = new LiveHosts();
    await use(hosts);
    await hosts.remove();
  },
});

/** The sources that this machine has; under CI=true one that is missing is a failure. */
export function sourcesHere(): string[] {
  return ['ring', 'tcpdump', ...(hasTool('dumpcap', '-v') ? ['dumpcap'] : []), ...(hasCap() ? ['cap'] : [])];
}

/** Whether `cap` is here: test/run installs it, since nothing else may compile. */
function hasCap(): boolean {
  if (process.env['VXDUMP_CAP']) return true;
  if (process.env['CI'] === 'true') throw new Error('VXDUMP_CAP is not set: test/run installs cap, and names it');
  console.log('not run: the source cap; VXDUMP_CAP does not name it');
  return false;
}
