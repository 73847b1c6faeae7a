import { QueueUnavailableError, type UnavailableReason } from "../queue-errors.ts";

/** Replies that mean "not now": the server starts, is a replica, has lost its master or may not write its file. */
const refusals =
  /^(LOADING|READONLY|MASTERDOWN|MISCONF|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY|NOAUTH|NOPERM|WRONGPASS|ERR|WRONGTYPE|MOVED|ASK)\b/;

/** Any error of the client as a QueueUnavailableError; one that is so already stays. `server` = "host:port" where it helps to know it. */
export function unavailable(error: unknown, server?: string): QueueUnavailableError {
  if (error instanceof QueueUnavailableError) return error;
  const text = error instanceof Error ? error.message : String(error);
  const [reason, sentence] = explain(text, server === undefined ? "Redis" : `Redis at ${server}`);
  return new QueueUnavailableError(reason, `${sentence} (${text})`, { cause: error });
}

function explain(text: string, server: string): [UnavailableReason, string] {
  if (text.startsWith("OOM"))
    return ["full", `${server} is above maxmemory and takes no new cases: raise maxmemory, or archive decided cases`];
  return refusals.test(text) ? ["refused", `${server} refused the command`] : ["connection", `${server} cannot be reached`];
}
