/** A worker process of `hashwatt train`. */
import { serveTasks } from "../run/task-pool.ts";
import { collectRows } from "./collect-rows.ts";

serveTasks(collectRows);
