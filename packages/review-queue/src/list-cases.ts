import { isLive, caseStates, type CaseRecord, type CaseState } from "./case-record.ts";
import { compareIndexed, type CaseStore, type IndexEntry, type IndexPosition } from "./case-store.ts";
import type { CasePage, CaseQuery, CaseView } from "./review-queue.ts";
import { flagsOf, lapseAt } from "./state-machine.ts";

const pageLimit = 1000;
const defaultLimit = 100;

/** Index entries looked at in one call: where a filter matches next to nothing, a call stays short and hands back a cursor. */
const scanLimit = 20_000;

export function viewOf(stored: CaseRecord, nowMs: number): CaseView {
  const { lease, receipts: _receipts, ...rest } = lapseAt(stored, nowMs);
  return { ...rest, lease: lease && { by: lease.by, untilMs: lease.untilMs }, flags: flagsOf(stored) };
}

/** See ReviewQueue.list. */
export async function listCases(store: CaseStore, query: CaseQuery, nowMs: number): Promise<CasePage> {
  const limit = checkLimit(query.limit);
  const wanted = new Set(query.states ?? caseStates.filter(isLive));
  // A case whose lease has run out still stands in the index of CLAIMED.
  const stored = caseStates.filter((state) => wanted.has(state) || (state === "CLAIMED" && wanted.has("OPEN")));
  const filtered = query.lane !== undefined || query.region !== undefined;
  const chunk = filtered ? pageLimit : limit;
  const cases: CaseView[] = [];
  let position = query.cursor === undefined ? null : parseCursor(query.cursor);
  for (let scanned = 0; scanned < scanLimit; scanned += chunk) {
    const entries = await nextEntries(store, stored, position, chunk);
    const matching = entries.filter((entry) => matches(entry, query));
    for (let from = 0; from < matching.length; ) {
      const group = matching.slice(from, from + limit - cases.length);
      const records = await store.cases(group.map((entry) => entry.caseId));
      const views = records.filter((record) => record !== null).map((record) => viewOf(record, nowMs));
      cases.push(...views.filter((view) => wanted.has(view.state)));
      if (cases.length === limit) return { cases, nextCursor: formatCursor(group.at(-1)!) };
      from += group.length;
    }
    if (entries.length < chunk) return { cases, nextCursor: null };
    position = entries.at(-1)!;
  }
  return { cases, nextCursor: formatCursor(position!) };
}

async function nextEntries(
  store: CaseStore,
  states: readonly CaseState[],
  after: IndexPosition | null,
  count: number,
): Promise<IndexEntry[]> {
  const lists = await Promise.all(states.map((state) => store.index(state, after, count)));
  return lists.flat().toSorted(compareIndexed).slice(0, count);
}

function matches(entry: IndexEntry, query: CaseQuery): boolean {
  return (query.lane ?? entry.lane) === entry.lane && (query.region ?? entry.region) === entry.region;
}

export function checkLimit(limit: number = defaultLimit): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= pageLimit) return limit;
  throw new RangeError(`limit ${limit} is not a whole number from 1 to ${pageLimit}; ask for more by the cursor of the page before`);
}

function formatCursor(position: IndexPosition): string {
  return `${position.rank}~${position.caseId}`;
}

function parseCursor(cursor: string): IndexPosition {
  const [rank = "", caseId = ""] = cursor.split("~");
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(rank) && /^[0-9a-f]{16}-\d+$/.test(caseId)) return { rank: Number(rank), caseId };
  throw new RangeError(`cursor "${cursor}" is none; give nextCursor of the page before, or none to begin`);
}
