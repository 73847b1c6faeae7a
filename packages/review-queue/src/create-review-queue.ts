import type { CandidateMessage, Verdict } from "@hashwatt/contracts";
import { candidateIdOf, casesOfMessage, emptySite, meterIdOf, planAdmission, type Admission, type AdmitOutcome } from "./admission.ts";
import type { CaseRecord } from "./case-record.ts";
import { attemptLimit, type CaseStore, type Commit, type LogEntry } from "./case-store.ts";
import { createHumanVerbs } from "./human-verbs.ts";
import { judgePermitsAgain } from "./judge-permits-again.ts";
import { checkLimit, listCases, viewOf } from "./list-cases.ts";
import { createPermitLookup } from "./permits.ts";
import { QueueUnavailableError } from "./queue-errors.ts";
import type { QueuePolicy, ReviewQueue } from "./review-queue.ts";
import { lapseAt } from "./state-machine.ts";

/**
 * Messages planned and written together, and how many such chunks are under way at a time: while the server writes one, the next is
 * planned, which takes about as long. With 10 KB of evidence each, 5 MB are under way at once.
 */
const admitChunk = 128;
const admitLanes = 4;

const secondPersonVerdicts: readonly Verdict[] = ["unauthorised", "authorised"];

/** The verbs over any store: the transition rules exist once, here and in the pure modules, whatever the store. */
export function createReviewQueue(store: CaseStore, policy: QueuePolicy): ReviewQueue {
  const permitsOf = createPermitLookup(policy.permits ?? []);
  const fourEyes = policy.fourEyes === true ? secondPersonVerdicts : policy.fourEyes || [];

  const admitMany = async (messages: readonly CandidateMessage[], nowMs: number): Promise<AdmitOutcome[]> => {
    const outcomes: AdmitOutcome[] = Array.from({ length: messages.length });
    const failures: unknown[] = [];
    const work = lanesOf(messages).map(async (lane) => {
      for (let from = 0; from < lane.length && failures.length === 0; from += admitChunk) {
        const positions = lane.slice(from, from + admitChunk);
        const together = positions.map((position) => messages[position]);
        const done = await admitTogether(store, together, permitsOf, nowMs).catch((error: unknown) => failures.push(error));
        if (Array.isArray(done)) positions.forEach((position, i) => (outcomes[position] = done[i]));
      }
    });
    // All lanes end before the error is thrown: one still at work would mix its older messages with those of the caller's repeat.
    await Promise.all(work);
    if (failures.length > 0) throw failures[0];
    return outcomes;
  };

  return {
    ...createHumanVerbs(store, fourEyes),
    admitMany,
    async admit(message, nowMs) {
      return (await admitMany([message], nowMs))[0];
    },
    judgePermitsAgain: (nowMs) => judgePermitsAgain(store, permitsOf, nowMs),
    list: (query, nowMs) => listCases(store, query, nowMs),
    async get(caseId, nowMs) {
      const [record] = await store.cases([caseId]);
      if (!record) return null;
      const candidates = await store.evidence(record.candidates.map((candidate) => candidate.candidateId));
      return { case: viewOf(record, nowMs), candidates: candidates.filter((candidate) => candidate !== null) };
    },
    async log(query) {
      const { after } = query;
      if (after !== undefined && !/^\d+(-\d+)?$/.test(after)) throw new RangeError(`after "${after}" is no id of a log entry`);
      return store.log({ ...query, limit: checkLimit(query.limit) });
    },
    close: () => store.close(),
  };
}

/** Positions of the messages in lanes of about equal length; all of one site are in one lane, in their order. */
function lanesOf(messages: readonly CandidateMessage[]): number[][] {
  const laneOfSite = new Map<string, number>();
  const count = Math.min(admitLanes, Math.ceil(messages.length / admitChunk));
  const lanes: number[][] = Array.from({ length: count }, () => []);
  for (const [position, message] of messages.entries()) {
    const meterId = meterIdOf(message);
    const lane = laneOfSite.get(meterId) ?? laneOfSite.size % count;
    laneOfSite.set(meterId, lane);
    lanes[lane].push(position);
  }
  return lanes;
}

type PermitLookup = ReturnType<typeof createPermitLookup>;

/**
 * Plans each message on what the ones before it will have written, sends all, and plans those sites again where another writer
 * came in between. Once a site's write has failed, its later ones fail too (their site version is ahead), so order within a site holds.
 */
async function admitTogether(
  store: CaseStore,
  messages: readonly CandidateMessage[],
  permitsOf: PermitLookup,
  nowMs: number,
): Promise<AdmitOutcome[]> {
  const outcomes: AdmitOutcome[] = Array.from({ length: messages.length });
  let pending = [...messages.keys()];
  for (let attempt = 0; attempt < attemptLimit; attempt++) {
    const plans = await planTogether(
      store,
      pending.map((position) => messages[position]),
      permitsOf,
      nowMs,
    );
    const commits = plans.flatMap((plan, i) => commitOf(plan, messages[pending[i]], nowMs));
    const written = commits.length > 0 ? await store.commit(commits, "detector") : [];
    const overtaken = new Set<string>();
    let sent = 0;
    pending = pending.filter((position, i) => {
      const plan = plans[i];
      const meterId = meterIdOf(messages[position]);
      if (plan.write !== null && !written[sent++]) overtaken.add(meterId);
      if (overtaken.has(meterId)) return true;
      outcomes[position] = plan.outcome;
      return false;
    });
    if (pending.length === 0) return outcomes;
  }
  throw new QueueUnavailableError(
    "contended",
    `${pending.length} candidates met another writer ${attemptLimit} times in a row; repeat the call`,
  );
}

async function planTogether(
  store: CaseStore,
  messages: readonly CandidateMessage[],
  permitsOf: PermitLookup,
  nowMs: number,
): Promise<Admission[]> {
  const meterIds = [...new Set(messages.map(meterIdOf))];
  const found = await store.sites(meterIds);
  const sites = new Map(meterIds.map((meterId, i) => [meterId, found[i] ?? emptySite(meterId)]));
  const caseIds = [...new Set(messages.flatMap((message) => casesOfMessage(sites.get(meterIdOf(message))!, message)))];
  const records = caseIds.length > 0 ? await store.cases(caseIds) : [];
  const cases = new Map<string, CaseRecord>();
  for (const record of records) if (record) cases.set(record.caseId, record);
  return messages.map((message) => {
    const meterId = meterIdOf(message);
    const plan = planAdmission({ site: sites.get(meterId)!, cases }, message, permitsOf(meterId), nowMs);
    if (plan.write !== null) {
      sites.set(meterId, plan.write.site);
      cases.set(plan.write.case.caseId, plan.write.case);
    }
    return plan;
  });
}

function commitOf(plan: Admission, message: CandidateMessage, nowMs: number): Commit[] {
  if (plan.write === null) return [];
  const { case: next, previous } = plan.write;
  const before = previous && lapseAt(previous, nowMs);
  const entry: LogEntry = {
    caseId: next.caseId,
    meterId: next.meterId,
    version: next.version,
    atMs: nowMs,
    verb: message.type,
    by: "system: detector",
    from: before && before.state,
    to: next.state,
    candidateId: candidateIdOf(message),
    ...(previous?.lease && before?.lease === null && { lapsedFrom: previous.lease.by }),
    ...(message.type === "withdraw" && { reason: message.reason }),
  };
  return [{ ...plan.write, entry }];
}
