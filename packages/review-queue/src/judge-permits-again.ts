import type { Candidate, Permit } from "@hashwatt/contracts";
import { casesOfMessage, planPermits, type Admission } from "./admission.ts";
import type { CaseRecord, CaseState } from "./case-record.ts";
import { attemptLimit, type CaseStore, type Commit, type IndexPosition } from "./case-store.ts";
import { QueueUnavailableError } from "./queue-errors.ts";
import { lapseAt } from "./state-machine.ts";

/** Cases of which a permit can change something: people's verdicts stay, whatever came later. */
const states: readonly CaseState[] = ["OPEN", "CLAIMED", "SECOND", "AUTHORISED"];
const pageSize = 128;

type PermitLookup = (meterId: string) => readonly Permit[];

/** Judges the standing candidates of those cases by the permits of now, one case after the other. Returns how many judgements changed. */
export async function judgePermitsAgain(store: CaseStore, permitsOf: PermitLookup, nowMs: number): Promise<number> {
  const caseIds: string[] = [];
  for (const state of states) {
    let after: IndexPosition | null = null;
    do {
      const page = await store.index(state, after, pageSize);
      caseIds.push(...page.map(({ caseId }) => caseId));
      after = page.length === pageSize ? page.at(-1)! : null;
    } while (after !== null);
  }
  let changed = 0;
  for (let from = 0; from < caseIds.length; from += pageSize) {
    const records = await store.cases(caseIds.slice(from, from + pageSize));
    for (const record of records)
      if (record && isConcerned(record, permitsOf)) changed += await judgeCase(store, record.caseId, permitsOf, nowMs);
  }
  return changed;
}

/** The meter has permits, or had. */
function isConcerned({ meterId, candidates }: CaseRecord, permitsOf: PermitLookup): boolean {
  return permitsOf(meterId).length > 0 || candidates.some(({ permit }) => permit.permitIds.length > 0);
}

async function judgeCase(store: CaseStore, caseId: string, permitsOf: PermitLookup, nowMs: number): Promise<number> {
  for (let attempt = 0; attempt < attemptLimit; attempt++) {
    const [record] = await store.cases([caseId]);
    if (!record) return 0;
    const candidates = await store.evidence(record.candidates.map(({ candidateId }) => candidateId));
    const plans = await planCase(store, record, candidates, { permits: permitsOf(record.meterId), nowMs });
    const written = plans.length > 0 ? await store.commit(plans, "detector") : [];
    if (written.every(Boolean)) return plans.length;
  }
  throw new QueueUnavailableError("contended", `case ${caseId} met another writer ${attemptLimit} times in a row; repeat the call`);
}

/** In order of admission: what an earlier step leaves of a permit is there for the next. */
async function planCase(
  store: CaseStore,
  { meterId }: CaseRecord,
  candidates: readonly (Candidate | null)[],
  { permits, nowMs }: { permits: readonly Permit[]; nowMs: number },
): Promise<Commit[]> {
  const [first] = await store.sites([meterId]);
  if (!first) return [];
  let site = first;
  const standing = candidates.filter((candidate) => candidate !== null);
  const caseIds = [...new Set(standing.flatMap((candidate) => casesOfMessage(site, { type: "revise", candidate })))];
  const cases = new Map((await store.cases(caseIds)).flatMap((record) => (record ? [[record.caseId, record]] : [])));
  return standing.flatMap((candidate) => {
    const plan = planPermits({ site, cases }, candidate, permits, nowMs);
    if (plan?.write == null) return [];
    site = plan.write.site;
    cases.set(plan.write.case.caseId, plan.write.case);
    return [commitOf(plan.write, candidate.candidateId, nowMs)];
  });
}

function commitOf(write: NonNullable<Admission["write"]>, candidateId: string, nowMs: number): Commit {
  const { case: next, previous } = write;
  const before = previous && lapseAt(previous, nowMs);
  const { note } = next.candidates.find((candidate) => candidate.candidateId === candidateId)!.permit;
  return {
    ...write,
    entry: {
      caseId: next.caseId,
      meterId: next.meterId,
      version: next.version,
      atMs: nowMs,
      verb: "permits",
      by: "system: detector",
      from: before && before.state,
      to: next.state,
      candidateId,
      ...(previous?.lease && before?.lease === null && { lapsedFrom: previous.lease.by }),
      reason: note,
    },
  };
}
