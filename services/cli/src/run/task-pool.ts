import { type ChildProcess, fork } from "node:child_process";
import { CliError, exitCodes } from "../exit-codes.ts";

/** What a worker process answers to a task. */
type Answer<R> = { readonly result: R | null } | { readonly failure: string };

export interface RunTasksOptions<T, R> {
  /** Module of the worker; it calls `serveTasks`. */
  readonly worker: URL;
  readonly tasks: readonly T[];
  /** Worker processes at a time. */
  readonly jobs: number;
  /** After each task. */
  readonly onDone: (result: R | undefined) => void;
}

/**
 * Runs the tasks in worker processes; results in the order of the tasks, without those of tasks that had none. Throws CliError (data) where one
 * cannot be done.
 */
export async function runTasks<T extends object, R>(options: RunTasksOptions<T, R>): Promise<R[]> {
  const { worker: module, tasks, jobs, onDone } = options;
  const results: (R | undefined)[] = [];
  let next = 0;
  const workers = Array.from({ length: Math.min(jobs, tasks.length) }, () => fork(module, { serialization: "advanced" }));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (next < tasks.length) {
          const at = next++;
          results[at] = await order<R>(worker, tasks[at]);
          onDone(results[at]);
        }
      }),
    );
  } finally {
    for (const worker of workers) worker.kill();
  }
  return results.filter((result) => result !== undefined);
}

function order<R>(worker: ChildProcess, task: object): Promise<R | undefined> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => settle({ failure: `the worker process ended (${code ?? "killed"})` });
    const settle = (answer: Answer<R>) => {
      worker.off("exit", onExit).off("message", settle);
      if ("result" in answer) resolve(answer.result ?? undefined);
      else reject(new CliError(exitCodes.data, answer.failure));
    };
    worker.once("exit", onExit).once("message", settle);
    worker.send(task);
  });
}

/** For the module of a worker: does one task after the other of its parent. Tasks and results are cloned: plain data and typed arrays. */
export function serveTasks<R>(run: (task: never) => Promise<R | undefined>): void {
  process.on("message", (task) => {
    run(task as never).then(
      (result) => process.send?.({ result: result ?? null } satisfies Answer<R>),
      (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies Answer<R>),
    );
  });
}
