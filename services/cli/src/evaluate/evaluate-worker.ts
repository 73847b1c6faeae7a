/** A worker process of `hashwatt evaluate`. */
import { serveTasks } from "../run/task-pool.ts";
import { runTask } from "./evaluate-task.ts";

serveTasks(runTask);
