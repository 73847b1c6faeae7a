import type { Candidate } from "@hashwatt/contracts";
import { caseStates, type CaseRecord, type CaseState, type SiteRecord } from "../case-record.ts";
import { compareIndexed, type CaseStore, type Commit, type IndexEntry, type LogEntry } from "../case-store.ts";
import type { Journal } from "./journal.ts";

/** Entries of one state; sorted when first read after a change, because admissions come in thousands between two reads. */
interface StateIndex {
  readonly entries: Map<string, IndexEntry>;
  sorted: IndexEntry[] | null;
}

export interface MemoryTables {
  readonly sites: Map<string, SiteRecord>;
  readonly cases: Map<string, CaseRecord>;
  readonly evidence: Map<string, string>;
  readonly log: LogEntry[];
  readonly indexes: Map<CaseState, StateIndex>;
}

export function createMemoryTables(): MemoryTables {
  const indexes = new Map(caseStates.map((state) => [state, { entries: new Map<string, IndexEntry>(), sorted: null }]));
  return { sites: new Map(), cases: new Map(), evidence: new Map(), log: [], indexes };
}

/** Whether the versions a commit was computed from are still the stored ones. */
export function isCurrent(tables: MemoryTables, commit: Pick<Commit, "case" | "site">): boolean {
  const storedCase = tables.cases.get(commit.case.caseId)?.version ?? 0;
  if (storedCase !== commit.case.version - 1) return false;
  return commit.site === null || (tables.sites.get(commit.site.meterId)?.version ?? 0) === commit.site.version - 1;
}

export function applyCommit(tables: MemoryTables, commit: Omit<Commit, "previous">): void {
  const { case: next, site, evidence, entry } = commit;
  const previous = tables.cases.get(next.caseId);
  if (previous !== undefined) {
    const left = tables.indexes.get(previous.state)!;
    left.entries.delete(previous.caseId);
    left.sorted = null;
  }
  const entered = tables.indexes.get(next.state)!;
  entered.entries.set(next.caseId, { rank: next.rank, caseId: next.caseId, lane: next.lane, region: next.region });
  entered.sorted = null;
  tables.cases.set(next.caseId, next);
  if (site !== null) tables.sites.set(site.meterId, site);
  if (evidence !== null) tables.evidence.set(evidence.candidateId, evidence.json);
  tables.log.push(entry);
}

/** One process, one thread: a commit is atomic because nothing else runs between its check and its end. */
export function createMemoryStore(tables: MemoryTables, journal: Journal | null): CaseStore {
  return {
    sites: async (meterIds) => meterIds.map((meterId) => tables.sites.get(meterId) ?? null),
    cases: async (caseIds) => caseIds.map((caseId) => tables.cases.get(caseId) ?? null),
    evidence: async (candidateIds) =>
      candidateIds.map((candidateId) => {
        const json = tables.evidence.get(candidateId);
        return json === undefined ? null : (JSON.parse(json) as Candidate);
      }),
    async commit(commits, writer) {
      return commits.map((commit) => {
        if (!isCurrent(tables, commit)) return false;
        // Journal first: what cannot be written down must not be seen as done.
        journal?.append(commit, writer);
        applyCommit(tables, commit);
        return true;
      });
    },
    async index(state, after, count) {
      const index = tables.indexes.get(state)!;
      index.sorted ??= [...index.entries.values()].toSorted(compareIndexed);
      const from = after === null ? 0 : firstAfter(index.sorted, (entry) => compareIndexed(entry, after) > 0);
      return index.sorted.slice(from, from + count);
    },
    async log({ caseId, after = "0", limit }) {
      const entries: (LogEntry & { id: string })[] = [];
      for (let i = Number(after); i < tables.log.length && entries.length < limit; i++) {
        const entry = tables.log[i];
        if (caseId === undefined || entry.caseId === caseId) entries.push({ ...entry, id: String(i + 1) });
      }
      return { entries };
    },
    async close() {
      journal?.close();
    },
  };
}

/** Position of the first element for which `isAfter` holds; it must hold for all behind it. */
function firstAfter<T>(sorted: readonly T[], isAfter: (element: T) => boolean): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
