/**
 * A runtime that runs nothing, and what it is for: plans that fail at each of their steps.
 */
import { expect } from 'vitest';
import { Runner } from '../../src/lab/run.js';
import type { Runtime } from '../../src/lab/runtime.js';
import { commandLine, type Plan, type Step } from '../../src/lab/step.js';

/** All steps of a plan, in the order in which a single lane would have them. */
export function stepsOf({ up, captures, prime, traffic }: Plan): Step[] {
  return [...up, captures, prime, traffic].flatMap(({ lanes }) => lanes.flat());
}

/** Runs nothing: writes down what it is told, and fails at one command. */
export class Recorder implements Runtime {
  readonly log: string[] = [];
  #left: number;

  constructor(failAt: number) {
    this.#left = failAt;
  }

  async run(argv: readonly string[]): Promise<string> {
    this.#tell('run', argv);
    return '^vm1$\nvm1\nvm2\nvm3\nvm1b\nvm2b\ndl_dst=00:00:00:00:00:01 dl_dst=00:00:00:00:00:02 \npriority=0 actions=output:1,output:2';
  }

  async start({ argv }: { argv: readonly string[] }) {
    this.#tell('start', argv);
    return {
      pid: 1,
      settle: async () => {},
      stop: async () => {
        this.log.push(`stop ${commandLine(argv)}`);
        return '';
      },
    };
  }

  #tell(what: string, argv: readonly string[]): void {
    this.log.push(`${what} ${commandLine(argv)}`);
    if (--this.#left === 0) throw new Error('made to fail');
  }
}

/**
 * Runs the steps once for each n, failing at the n-th: what came before it must be undone, the last first, and with it what
 * may have acted in part.
 */
export async function failAtEveryStep(steps: readonly Step[]): Promise<void> {
  for (let failAt = 1; failAt <= steps.length; failAt++) {
    const recorder = new Recorder(failAt);
    const runner = new Runner({ runtime: recorder });
    await expect(runner.phase({ title: 'all', lanes: [steps] })).rejects.toThrow('made to fail');
    expect(recorder.log).toHaveLength(failAt);
    expect(await runner.undo()).toEqual([]);
    const last = steps[failAt - 1] as Step;
    const isPiecemeal = last.do === 'command' && last.piecemeal === true;
    const undone = steps
      .slice(0, isPiecemeal ? failAt : failAt - 1)
      .flatMap((step) => {
        if (step.do === 'start') return [`stop ${commandLine(step.argv)}`];
        return step.do === 'command' && step.undo !== undefined ? [`run ${commandLine(step.undo)}`] : [];
      })
      .reverse();
    expect(recorder.log.slice(failAt), `step ${failAt}`).toEqual(undone);
  }
}
