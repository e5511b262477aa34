import type * as z from 'zod';

/** One of the gate's conditions, and what the candidate has. */
export interface Finding {
  met: boolean;
  /** Plain English, with the figures: of what is not met, why; of what is met, that it is. */
  text: string;
}

/** A figure of a hold-out that people compare. */
export interface Figure<Dossier> {
  label: string;
  /** How to read it: which way is better, or on what scale it is. */
  note: string;
  of: (dossier: Dossier) => number;
}

/** A figure that is published to CloudWatch for each judged candidate, with the dimension `Model`. */
export interface Watched<Dossier> {
  /** Name of the metric. */
  metric: string;
  /** Which value of a period an alarm or a graph looks at. */
  statistic: 'Minimum' | 'Maximum';
  of: (dossier: Dossier) => number;
  /** Title of its graph, and the ends of its axis. */
  title: string;
  axis: { min?: number; max?: number };
  /** Absent where no alarm watches it. */
  alarm?: {
    /** End of the alarm's name, and section of the runbook. */
    kind: string;
    /** The alarm fires from here on. */
    threshold: number;
    /** What is wrong, as a sentence about a model. */
    what: (model: string, threshold: number) => string;
    /** What a person looks at first. */
    advice: string;
  };
}

/**
 * What a model predicts: the kind of its label. It owns how a candidate is measured, what a gate may ask, what is published and which
 * alarms watch it. One record each, in `objectives/`.
 */
export interface Objective<Dossier, Asked, Planned> {
  name: string;
  /** The figure that versions are compared by, and candidates chosen by. */
  judgedBy: {
    /** Its name in `metrics` and in the promotion log. */
    metric: string;
    label: string;
    /** How much worse than the version it replaces a promoted version may be, before an alarm asks for the roll-back. */
    worseBy: number;
  };
  /** Parts of documents that depend on the objective. */
  metrics: z.ZodType;
  rows: z.ZodType;
  /** Gate of a definition, and the same with its defaults, as it is in the plan. */
  askedGate: z.ZodType<Asked>;
  plannedGate: z.ZodType<Planned>;
  planned: (gate: Asked | undefined) => Planned;
  /** From the sum of an algorithm to the score. */
  link: (margin: number) => number;
  /** The gate's absolute conditions, each judged by the candidate's dossier. */
  findings: (gate: Planned, dossier: Dossier) => Finding[];
  /** In the order in which people look at them; the first is what versions are judged by. */
  figures: readonly [Figure<Dossier>, ...Figure<Dossier>[]];
  watched: readonly Watched<Dossier>[];
}

export const atLeast = (name: string, value: number, floor: number): Finding => ({
  // A figure that is not a number meets nothing.
  met: value >= floor,
  text: `${name} ${value.toFixed(4)} ${value >= floor ? 'meets' : 'is below'} the floor of ${floor}`,
});

export const atMost = (name: string, value: number, ceiling: number): Finding => ({
  met: value <= ceiling,
  text: `${name} ${value.toFixed(4)} ${value <= ceiling ? 'is within' : 'is above'} the limit of ${ceiling}`,
});
