/** Public names only. */
export type { AdmitOutcome } from "./admission.ts";
export {
  caseIdOf,
  caseStates,
  isLive,
  liveStates,
  type CaseCandidate,
  type CaseDisposition,
  type CaseState,
  type Dissent,
  type Proposal,
} from "./case-record.ts";
export type { LogEntry, LogPage, LogQuery, Verb } from "./case-store.ts";
export { openMemoryQueue, type MemoryQueueOptions } from "./memory/open-memory-queue.ts";
export { judgePermits, type AdmittedStep, type PermitJudgement } from "./permits.ts";
export { QueueConfigurationError, QueueUnavailableError, type UnavailableReason } from "./queue-errors.ts";
export { openRedisQueue, type RedisQueueOptions } from "./redis/open-redis-queue.ts";
export type * from "./review-queue.ts";
export type { CaseFlag } from "./state-machine.ts";
