import * as z from 'zod';
import type { Html } from '../html/html.ts';
import { comparedWithLive, whenLeaking } from './compared.ts';
import type { Finding } from './findings.ts';

type Shape = Readonly<Record<string, z.ZodType>>;
type Value<S> = S extends Shape ? z.infer<z.ZodObject<S>> : never;

/** Conditions that a gate may set for every objective. */
export const gateOfAny = {
  /** How it must compare with the live version on the same rows; `not-worse` where it is absent. */
  live: z.enum(comparedWithLive).optional(),
  /** What a feature that explains the label alone does; `warn` where it is absent. */
  leak: z.enum(whenLeaking).optional(),
};

const count = z.int().nonnegative();
const named = <M extends string, F>(metric: M, figure: F) => ({ [metric]: figure }) as Record<M, F>;

/**
 * Parts of documents that have the figure by which points of the grid, slices and versions are judged, under its own name. More of it is
 * better.
 */
export const judgedParts = <M extends string, F extends z.ZodType<number>>(metric: M, figure: F) => ({
  metric,
  /** What the search found for one point of the grid, beside the point itself. */
  searched: { ...named(metric, figure), ...named(`${metric}_by_fold`, z.array(figure)) },
  /** On the hold-out, by the most frequent values of a column, where there are rows enough to be judged by. */
  slice: z.strictObject({ feature: z.string(), value: z.string(), rows: count, ...named(metric, figure) }),
  /** What a gate asks of groups of rows that have one value of a column. */
  sliceFloor: z.strictObject({
    column: z.string(),
    ...named(metric, figure),
    minRows: z.int().min(1).default(50),
  }),
  /** A feature that explains the label alone, with the figure that it reaches on the hold-out. */
  leak: z.strictObject({ feature: z.string(), ...named(metric, figure) }),
  /** Of a candidate beside another version. */
  compared: {
    ...named(metric, figure),
    /** The candidate's figure less the other's: below 0 the candidate is worse. */
    difference: z.number(),
    /** 95 % interval of the difference, by a paired bootstrap. */
    interval: z.tuple([z.number(), z.number()]),
  },
});

/** Parts of documents that depend on what is predicted. */
export interface ObjectiveParts {
  readonly name: string;
  readonly metric: string;
  readonly searched: Shape;
  readonly slice: z.ZodObject;
  readonly sliceFloor: z.ZodObject;
  readonly leak: z.ZodObject;
  readonly compared: Shape;
  readonly metrics: z.ZodType;
  readonly rows: z.ZodType;
  /** What a dossier has of the hold-out to be drawn. */
  readonly drawn: Shape;
  /** As it is asked for; with its defaults, as the plan has it. */
  readonly gate: z.ZodObject<typeof gateOfAny & { slices: z.ZodType }>;
  /** Names of the engine's types of what is within these. */
  readonly types: Shape;
}

/** What has the figure under its own name: metrics, a slice and its floor, a leak, a comparison, a point of the grid. */
type Entry<P> = P extends ObjectiveParts ? Readonly<Record<P['metric'], number>> : never;
type Tried<P> = P extends ObjectiveParts ? Readonly<Record<`${P['metric']}_by_fold`, readonly number[]>> : never;
export type GateOf<P> = P extends ObjectiveParts ? z.infer<P['gate']> : never;
type Metrics<P> = P extends ObjectiveParts ? z.infer<P['metrics']> : never;
type Rows<P> = P extends ObjectiveParts ? z.infer<P['rows']> : never;
/** Results of a candidate, in any document. */
type Result<P> = P extends ObjectiveParts ? { metrics: Metrics<P>; rows: Rows<P> } : never;
/** Of a training task. */
type Planned<P> = P extends ObjectiveParts ? { objective: P['name']; gate: z.infer<P['gate']> } : never;
type Drawn<P> = P extends ObjectiveParts ? Result<P> & Value<P['drawn']> : never;

/** A figure of a hold-out that people compare. */
interface Figure<P> {
  label: string;
  /** How to read it: which way is better, or on what scale it is. */
  note: string;
  of: (dossier: Drawn<P>) => number;
}

/** A figure that is published to CloudWatch for each judged candidate, with the dimension `Model`. */
interface Watched<P> {
  /** Name of the metric. */
  metric: string;
  /** Which value of a period an alarm or a graph looks at. */
  statistic: 'Minimum' | 'Maximum';
  of: (dossier: Drawn<P>) => number;
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

/** What the report shows of a candidate beside the figure that it is judged by, its grid, slices, importances and comparisons. */
interface Shown<P> {
  style: Html;
  /** Of the labels of the two parts, as ` (26 % positive)`. */
  labels: (rows: Rows<P>) => { train: string; test: string };
  tiles: (result: Result<P>) => readonly (readonly [name: string, value: string, note: string])[];
  plots: (dossier: Drawn<P>) => readonly Html[];
  /** Where it needs no dossier. `label` is the column that was learned. */
  table: (metrics: Metrics<P>, label: string) => Html;
}

/**
 * What a model predicts: the kind of its label. It owns how a candidate is measured, what a gate may ask, what is published, which
 * alarms watch it, what predictions are and what the report shows. One record each, in `objectives/`.
 */
export interface Objective<P> {
  readonly parts: P;
  /** The figure that versions are compared by, and candidates chosen by. */
  readonly judgedBy: {
    label: string;
    /** What it is, in words. */
    meaning: string;
    /** How much worse than the version it replaces a promoted version may be, before an alarm asks for the roll-back. */
    worseBy: number;
    /** What a group of rows needs to be judged by, after their number: ` of both classes`. */
    needs: string;
    /** The scale on which it is shown: its ends, and what is said of them. */
    scale: { from: number; to: number; ends: readonly [string, string] };
    in: (entry: Entry<P>) => number;
    byFold: (point: Tried<P>) => readonly number[];
    /** 95 % interval on the hold-out; undefined where it is not known. */
    interval: (result: Result<P>) => readonly [number, number] | undefined;
    /** What the gate asks of it. */
    floor: (gate: GateOf<P>) => number | undefined;
  };
  /** With the gate's defaults where nothing is asked. */
  planned: (gate: GateOf<P> | undefined) => Planned<P>;
  /** From the sum of an algorithm to the score. */
  link: (margin: number) => number;
  readonly predicted: {
    /** Columns of a table of predictions, beside key and version. */
    columns: readonly { readonly name: string; readonly type: 'double' | 'int' }[];
    of: (score: number, metrics: Metrics<P>) => Readonly<Record<string, number>>;
    /** What a person is shown of the columns: a heading for each, its cells, and how to read them. */
    headings: (label: string) => readonly string[];
    cells: (predicted: Readonly<Record<string, number>>) => readonly string[];
    note: (label: string, metrics: Metrics<P>) => string;
    /** What decides on a prediction beside the score. */
    settled: (metrics: Metrics<P>) => Readonly<Record<string, number>>;
  };
  /** The gate's own absolute conditions, each judged by the candidate's dossier. */
  findings: (gate: GateOf<P>, dossier: Drawn<P>) => Finding[];
  /** In the order in which people read them. Versions are judged by the first. */
  readonly figures: readonly [Figure<P>, ...Figure<P>[]];
  readonly watched: readonly Watched<P>[];
  readonly report: Shown<P>;
}
