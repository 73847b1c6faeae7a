/** The contract every store of the review queue keeps, as a vitest suite. For tests only. */
import { afterEach, describe } from "vitest";
import type { OpenedQueue, QueuePolicy, ReviewQueue } from "./review-queue.ts";
import { admissionContract, permitContract, recurrenceContract } from "./testing/admission-contract.ts";
import { listContract } from "./testing/list-contract.ts";
import { decisionContract, leaseContract } from "./testing/people-contract.ts";
import { propertyContract, sameBehaviourContract } from "./testing/property-contract.ts";

export { sampleCandidate, sampleCandidateId, sampleNowMs } from "./testing/sample-candidate.ts";

/** Opens a fresh, empty queue. The suite closes what it opened. */
type Open = (policy?: QueuePolicy) => Promise<OpenedQueue>;

const opened: ReviewQueue[] = [];

function closing(open: Open) {
  return async (policy?: QueuePolicy): Promise<ReviewQueue> => {
    const { queue } = await open(policy);
    opened.push(queue);
    return queue;
  };
}

async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((queue) => queue.close()));
}

/** @param numRuns random sequences per property. */
export function reviewQueueContract(name: string, open: Open, numRuns = 200): void {
  describe(`review queue: ${name}`, () => {
    afterEach(closeAll);
    const openClosing = closing(open);
    admissionContract(openClosing);
    recurrenceContract(openClosing);
    permitContract(openClosing);
    leaseContract(openClosing);
    decisionContract(openClosing);
    listContract(openClosing);
    propertyContract(openClosing, numRuns);
  });
}

/** Two stores, or one store opened in two ways, answer alike. */
export function sameQueueContract(names: string, openOne: Open, openOther: Open, numRuns = 100): void {
  describe(`review queue: ${names}`, () => {
    afterEach(closeAll);
    sameBehaviourContract(closing(openOne), closing(openOther), numRuns);
  });
}
