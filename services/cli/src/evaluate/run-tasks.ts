import { type ChildProcess, fork } from "node:child_process";
import { CliError, exitCodes } from "../exit-codes.ts";
import type { EvaluateResult, EvaluateTask } from "./evaluate-task.ts";
import type { WorkerAnswer, WorkerOrder } from "./evaluate-worker.ts";

export interface RunTasksOptions {
  readonly tasks: readonly EvaluateTask[];
  /** Worker processes at a time. */
  readonly jobs: number;
  readonly withBaselines: boolean;
  /** After each task. */
  readonly onDone: (result: EvaluateResult | undefined) => void;
}

/** Runs the tasks in worker processes; results in the order of the tasks. Throws CliError (data) where one cannot be done. */
export async function runTasks(options: RunTasksOptions): Promise<EvaluateResult[]> {
  const { tasks, withBaselines, onDone } = options;
  const results: (EvaluateResult | undefined)[] = [];
  let next = 0;
  const workers = Array.from({ length: Math.min(options.jobs, tasks.length) }, () =>
    fork(new URL("./evaluate-worker.ts", import.meta.url)),
  );
  try {
    await Promise.all(
      workers.map(async (worker) => {
        while (next < tasks.length) {
          const at = next++;
          results[at] = await order(worker, { task: tasks[at], withBaselines });
          onDone(results[at]);
        }
      }),
    );
  } finally {
    for (const worker of workers) worker.kill();
  }
  return results.filter((result) => result !== undefined);
}

function order(worker: ChildProcess, message: WorkerOrder): Promise<EvaluateResult | undefined> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => settle({ failure: `the worker process ended (${code ?? "killed"})` });
    const settle = (answer: WorkerAnswer) => {
      worker.off("exit", onExit).off("message", settle);
      if ("result" in answer) resolve(answer.result ?? undefined);
      else reject(new CliError(exitCodes.data, `${JSON.stringify(message.task)}: ${answer.failure}`));
    };
    worker.once("exit", onExit).once("message", settle);
    worker.send(message);
  });
}
