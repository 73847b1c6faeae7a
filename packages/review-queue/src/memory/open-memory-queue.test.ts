import { openMemoryQueue } from "../index.ts";
import { reviewQueueContract } from "../testing.ts";

reviewQueueContract("memory", openMemoryQueue);
