import type { KnownStep } from "./detection-state.ts";
import type { TestResult } from "./finding.ts";
import { concerns, type JudgedGroup } from "./group-context.ts";
import type { JudgedBlock } from "./judged-block.ts";
import { endOfEvent, type EventHours, hoursOfEvent, measureDrop } from "./event-drop.ts";
import type { ScorePart } from "./score.ts";

/**
 * A natural experiment: something happens to all loads of an area, and a mine answers otherwise than innocent load. The shares are judgement
 * (no field figures exist): without a network machines heat on for a while and then stop, but sites with another uplink run on; a campaign
 * made two thirds of the 202 MW of February 2022 switch off by itself, at a minority of the sites; an order to reduce load is
 * obeyed by licensed mines and large customers and by no thief, so a drop speaks for a load that is known somewhere, and running on for one that
 * nobody may interrupt, mine or not: neither says whether it is a mine, and the score stays as it is.
 */
interface ExperimentDesign {
  readonly kind: "internet_outage" | "curtailment" | "inspection";
  readonly question: string;
  readonly passesWhen: TestResult["passesWhen"];
  /** Hours after its begin from which a load that will drop has dropped, and fewest hours that are looked at. */
  readonly lagHours: number;
  readonly leastHours: number;
  /** Share of the mines, and of innocent loads of their shape, that drop by about their size. */
  readonly mineShare: number;
  readonly innocentShare: number;
  /** Said after "it dropped by 90 % of its size" and "it ran on". */
  readonly meaning: { readonly dropped: string; readonly stayed: string };
}

const designs: readonly ExperimentDesign[] = [
  {
    kind: "internet_outage",
    question: "Did it drop when the internet was out (mines stop without a network)?",
    passesWhen: "at_least",
    lagHours: 3,
    leastHours: 3,
    mineShare: 0.5,
    innocentShare: 0.05,
    meaning: { dropped: "", stayed: ": no mine, or one with a network of its own" },
  },
  {
    kind: "curtailment",
    question: "Did it run on through an order to reduce load (a licensed mine is cut by rule, an illegal one is not)?",
    passesWhen: "at_most",
    lagHours: 1,
    leastHours: 3,
    mineShare: 0.5,
    innocentShare: 0.5,
    meaning: { dropped: ": it obeys, look for its licence or contract", stayed: " through the order" },
  },
  {
    kind: "inspection",
    question: "Did it drop while inspectors were about?",
    passesWhen: "at_least",
    lagHours: 0,
    leastHours: 24,
    mineShare: 0.3,
    innocentShare: 0.05,
    meaning: { dropped: "", stayed: ", which says little" },
  },
];

/** What the experiments said about a load: tests in a fixed order, and those that were made as parts of the score. */
export interface Experiments {
  readonly tests: readonly TestResult[];
  readonly scoreParts: readonly ScorePart[];
}

interface Experiment {
  readonly test: TestResult;
  /** undefined = not tested: it moves no score. */
  readonly part: ScorePart | undefined;
}

/** Drop, in steps, from which a load has dropped: where a fall of one that stops and the noise of one that runs on are as likely, at the most noise allowed. */
const dropThreshold = 0.4;
/** Drop, in steps, above which more went than the load: the whole site, or another load of it. */
const mostDrop = 1.5;
/** Deviation of the drop, in steps, above which a drop and none cannot be told apart. */
const maxDropSigma = 0.2;
/** A load that stops leaves fans and housing on, and restarts come staggered: the drop of one that stops, in steps, and its spread. */
const fullDrop = { mean: 0.85, sigma: 0.2 };

/** An event that a meter's loads are asked about has just ended, or the part of it that is looked at: by the judged day or the one before. */
export function areExperimentsDue({ view, civilDay }: JudgedGroup, slot: number): boolean {
  return view.events.some((event) => {
    const design = designs.find(({ kind }) => kind === event.kind);
    if (design === undefined || !concerns(event, slot, view.areas[slot])) return false;
    const sinceEnd = (civilDay + 1) * 24 - endOfEvent(event, design.leastHours);
    // a civil day ends up to 14 hours before or 12 after that of UTC
    return sinceEnd > -14 && sinceEnd < 48;
  });
}

/**
 * Asks every natural experiment about a load of a stream: raised or to be raised, up. Only events that are over by the judged day (of long ones
 * their first week) and that began with the load running are counted, all of one kind together.
 */
export function askExperiments(group: JudgedGroup, judged: JudgedBlock, stream: number, load: KnownStep): Experiments {
  if (load.stepKw < 0) return { tests: [], scoreParts: [] };
  const slot = judged.block.slots[stream];
  const experiments = designs.map((design) => {
    const hours = group.view.events
      .filter((event) => event.kind === design.kind && concerns(event, slot, group.view.areas[slot]))
      .flatMap((event) => hoursOfEvent(judged, stream, event, { ...design, load, civilDay: group.civilDay }) ?? [])
      .toSorted((a, b) => a.fromHour - b.fromHour);
    return judgeExperiment(design, hours, poolDrops(group, judged, stream, load, hours));
  });
  return { tests: experiments.map(({ test }) => test), scoreParts: experiments.flatMap(({ part }) => part ?? []) };
}

interface Drop {
  /** In steps: 1 = the whole load went. */
  readonly ratio: number;
  readonly sigma: number;
}

/** The drop over all events, each weighted by how well it could be measured; undefined where none could. */
function poolDrops(
  group: JudgedGroup,
  judged: JudgedBlock,
  stream: number,
  load: KnownStep,
  events: readonly EventHours[],
): Drop | undefined {
  const drops = events.flatMap((hours) => measureDrop(group, judged, stream, load, hours) ?? []);
  if (drops.length === 0) return undefined;
  const weight = drops.reduce((sum, { sigma }) => sum + sigma ** -2, 0);
  return { ratio: drops.reduce((sum, { ratio, sigma }) => sum + ratio * sigma ** -2, 0) / weight, sigma: weight ** -0.5 };
}

function judgeExperiment(design: ExperimentDesign, events: readonly EventHours[], drop: Drop | undefined): Experiment {
  const { kind: name, question, passesWhen, meaning } = design;
  const asked = {
    name,
    question,
    passesWhen,
    threshold: dropThreshold,
    unit: "of step",
    eventHours: events.map(({ fromHour }) => fromHour),
  };
  const untested = (note: string): Experiment => ({
    test: { ...asked, value: Number.NaN, verdict: "not_tested", note },
    part: undefined,
  });
  if (events.length === 0) return untested("no event since the onset");
  if (drop === undefined) return untested("no data around it, or the load does not run at those hours");
  if (drop.sigma > maxDropSigma) return untested("too restless here to tell whether the load dropped");
  if (drop.ratio > mostDrop) return untested("more than the load dropped, so that the drop tells nothing of it");
  const isDropped = drop.ratio >= dropThreshold;
  const verdict = isDropped === (passesWhen === "at_least") ? "passed" : "failed";
  return {
    test: {
      ...asked,
      value: drop.ratio,
      verdict,
      note: isDropped ? `it dropped by ${Math.round(drop.ratio * 100)} % of its size${meaning.dropped}` : `it ran on${meaning.stayed}`,
    },
    part: { name, value: drop.ratio, logOdds: logOddsOf(design, drop) },
  };
}

/**
 * Log-likelihood ratio of the measured drop, a mine over innocent load: in each a share drops by about its size and the others stay. Bounded by the
 * shares themselves: ln(mine / innocent share) for a clear drop, ln of the shares that stay for none. That inspectors saw no drop speaks for
 * nobody: bold sites run on, and so do cold stores.
 */
function logOddsOf({ kind, mineShare, innocentShare }: ExperimentDesign, { ratio, sigma }: Drop): number {
  const stays = density(ratio, Math.hypot(sigma, 0.1));
  // above its size it has dropped all the more
  const drops = density(Math.min(0, ratio - fullDrop.mean), Math.hypot(sigma, fullDrop.sigma));
  const of = (share: number) => share * drops + (1 - share) * stays;
  const logOdds = Math.log(of(mineShare) / of(innocentShare));
  return kind === "inspection" ? Math.max(0, logOdds) : logOdds;
}

/** Of a normal deviate, up to a constant. */
function density(deviation: number, spread: number): number {
  return Math.exp(-0.5 * (deviation / spread) ** 2) / spread;
}
