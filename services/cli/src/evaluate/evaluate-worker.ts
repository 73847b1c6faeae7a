/** A worker process of `hashwatt evaluate`: takes one task after the other from its parent. */
import { type EvaluateTask, runTask } from "./evaluate-task.ts";

export interface WorkerOrder {
  readonly task: EvaluateTask;
  readonly withBaselines: boolean;
}

export type WorkerAnswer = { readonly result: Awaited<ReturnType<typeof runTask>> | null } | { readonly failure: string };

process.on("message", ({ task, withBaselines }: WorkerOrder) => {
  runTask(task, withBaselines).then(
    (result) => process.send?.({ result: result ?? null } satisfies WorkerAnswer),
    (error: unknown) => process.send?.({ failure: error instanceof Error ? error.message : String(error) } satisfies WorkerAnswer),
  );
});
