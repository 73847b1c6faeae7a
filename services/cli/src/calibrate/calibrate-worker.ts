/** A worker process of `hashwatt calibrate`. */
import { serveTasks } from "../run/task-pool.ts";
import { runCalibrateTask } from "./calibrate-task.ts";

serveTasks(runCalibrateTask);
