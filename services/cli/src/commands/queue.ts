import { LaneSchema } from "@hashwatt/contracts";
import { caseStates } from "@hashwatt/review-queue";
import { Command, Option } from "commander";
import type { ExitCode } from "../exit-codes.ts";
import { listQueue, showCase } from "../run/look-at-queue.ts";
import { wholeNumber } from "./options.ts";

function addPlaceOptions(command: Command): Command {
  return command
    .addOption(new Option("--redis <url>", "queue in Redis, redis://... or rediss://... (or REDIS_URL)").conflicts("journal"))
    .addOption(new Option("--journal <file>", "queue in the journal file of `hashwatt start`"));
}

export function queueCommand(end: (code: ExitCode) => void): Command {
  const list = new Command("list")
    .description("Lists cases, most urgent first.")
    .addOption(new Option("--state <states...>", "only these states; by default the live ones").choices([...caseStates]))
    .addOption(new Option("--lane <lane>", "only this lane").choices(LaneSchema.options))
    .option("--region <region>", "only this region")
    .option("--limit <count>", "how many", wholeNumber(1, 1000), 100)
    .option("--json", "one JSON object a line")
    .action(async (options) => end(await listQueue(options)));
  const show = new Command("show")
    .argument("<case>", "id of the case, as listed")
    .description("Shows a case with its evidence: every test with its number and verdict.")
    .option("--json", "the whole case as JSON")
    .action(async (caseId: string, options) => end(await showCase(caseId, options)));
  const queue = new Command("queue").summary("look at the review queue").description("Looks at the review queue without changing it.");
  queue.addCommand(addPlaceOptions(list)).addCommand(addPlaceOptions(show));
  queue.addHelpText(
    "after",
    `
Examples:
  hashwatt queue list --journal out/start/queue.jsonl
  hashwatt queue list --redis redis://127.0.0.1:6379 --lane mining --limit 20
  hashwatt queue show 3f2a90b1c4d5e6f7-1 --journal out/start/queue.jsonl`,
  );
  return queue;
}
