import type { Assessment } from "./assessment.ts";
import { type JudgedGroup, liveStep } from "./group-context.ts";
import { type NearStep, plainestOf, plainestStep, scanKindOf } from "./peer-steps.ts";

/** A step of a meter right below that of a finding, near its onset. */
export interface StepBelow {
  readonly slot: number;
  /** Signed. */
  readonly stepKw: number;
}

/** What the meters below did at the same time, where that says how the load is connected. */
export interface StepsBelow {
  /**
   *   cluster        small loads on many of them, begun together: their steps, largest first
   *   moved_behind   one of them fell as the balance rose: a customer that went round its meter; its step
   */
  readonly signature: "cluster" | "moved_behind";
  readonly steps: readonly StepBelow[];
}

/** Loads of a cluster begin up to so many days to either side of the onset that the parent shows. */
const clusterDays = 10;
/** z from which a meter below counts as stepping. Some do by chance on one of 21 days, so half of the step is asked of all together. */
const clusterSigma = 2.5;
/** Fewest loads of a cluster; two are a pair. */
const minClusterLoads = 3;
/** Of the largest load: loads that one operator spreads are of one order, and a third meter that stirs by chance makes no cluster of two. */
const minAlikeRatio = 0.25;
/** Of the parent's step: what the cluster explains at least, and one load less than. A larger one is where the load is. */
const minClusterRatio = 0.5;
const maxLoadRatio = 0.6;

/**
 * A customer that goes round its meter takes a good part of its load there, plainly and within a day, and mines add to it: on the development
 * fleets four such fell by z 6 to 14, by a quarter to a half of their means and by .05 to .4 of what the balance rose; beside bypasses no meter
 * fell by more than z 4.1.
 */
const movedSigma = 5;
const minMovedShare = 0.2;
/** Of the balance's rise: it cannot gain less than the meter lost, but for the noise of both. */
const maxMovedRatio = 1.5;

/** The steps below that name a step up; undefined where they do not. */
export function stepsBelow(group: JudgedGroup, found: Assessment): StepsBelow | undefined {
  if (found.direction < 0) return undefined;
  return found.isLoss ? movedBehind(group, found) : cluster(group, found);
}

function cluster(group: JudgedGroup, found: Assessment): StepsBelow | undefined {
  const { parents, meterCount } = found.judged.block;
  const moves = Array.from(parents.subarray(0, meterCount), (parent, child) =>
    parent === found.stream ? clusterStep(group, found, child) : [],
  ).flat();
  const largestKw = Math.max(...moves.map(({ stepKw }) => stepKw));
  const loads = moves.filter(({ stepKw }) => stepKw >= minAlikeRatio * largestKw).toSorted((a, b) => b.stepKw - a.stepKw);
  // chance goes both ways: what fell counts against it
  const sumKw = moves.reduce((sum, { stepKw }) => sum + stepKw, 0);
  if (loads.length < minClusterLoads || sumKw < minClusterRatio * found.stepKw) return undefined;
  return largestKw < maxLoadRatio * found.stepKw ? { signature: "cluster", steps: loads } : undefined;
}

/** The step of a meter below near the onset, as it was raised or as the residuals show it; none where it is below `clusterSigma`. */
function clusterStep(group: JudgedGroup, found: Assessment, child: number): StepBelow[] {
  const { judged, onset, weights } = found;
  const first = onset.civilDay - clusterDays;
  const last = onset.civilDay + weights.gapDays - 1 + clusterDays;
  const raised = liveStep(group.state, judged.block.groupStreams[child]);
  const slot = judged.block.slots[child];
  if (raised && raised.onsetDay >= first && raised.onsetDay <= last) return [{ slot, stepKw: raised.stepKw }];
  const heldDays = group.civilDay + 1 - judged.fit.residuals.firstDay;
  const asked = group.weightsOfAge
    .slice(Math.max(1, group.civilDay - last), Math.max(1, group.civilDay - first + 1))
    .filter((near) => near.weights.length <= heldDays);
  const { step, sigma } = plainestOf(judged, scanKindOf(found), child, group.civilDay, asked);
  return sigma >= clusterSigma ? [{ slot, stepKw: step * judged.fit.scale.meanKw[child] }] : [];
}

function movedBehind(group: JudgedGroup, found: Assessment): StepsBelow | undefined {
  const { judged, stream, stepKw } = found;
  let plainest: NearStep = { step: 0, sigma: movedSigma };
  let moved: StepBelow | undefined;
  for (const child of judged.block.children[stream]) {
    const near = plainestStep(group, found, judged, child);
    const lostKw = -near.step * judged.fit.scale.meanKw[child];
    if (near.sigma < plainest.sigma || -near.step < minMovedShare || lostKw > maxMovedRatio * stepKw) continue;
    plainest = near;
    moved = { slot: judged.block.slots[child], stepKw: -lostKw };
  }
  return moved && { signature: "moved_behind", steps: [moved] };
}
