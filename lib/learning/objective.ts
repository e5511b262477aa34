import * as z from 'zod';
import type { Html } from '../html/html.ts';
import { comparedWithLive, whenLeaking } from './compared.ts';
import type { Finding } from './findings.ts';

type Shape = Readonly<Record<string, z.ZodType>>;
type Value<S> = S extends Shape ? z.infer<z.ZodObject<S>> : never;

/** Conditions of a gate that every objective has. */
export const gateOfAny = {
  /** How the candidate must compare with the live version on the same rows. Default `not-worse`. */
  live: z.enum(comparedWithLive).optional(),
  /** What happens if one feature explains the label alone. Default `warn`. */
  leak: z.enum(whenLeaking).optional(),
};

const count = z.int().nonnegative();
const named = <M extends string, F>(metric: M, figure: F) => ({ [metric]: figure }) as Record<M, F>;

/** Parts of documents that contain the main metric: the one that judges grid points, slices and versions. A higher value is better. */
export const judgedParts = <M extends string, F extends z.ZodType<number>>(metric: M, figure: F) => ({
  metric,
  /** The metric of one grid point, by cross-validation. */
  searched: { ...named(metric, figure), ...named(`${metric}_by_fold`, z.array(figure)) },
  /** The metric on held-out rows that share one value of a column. */
  slice: z.strictObject({ feature: z.string(), value: z.string(), rows: count, ...named(metric, figure) }),
  /** The least value that a gate accepts for every slice of a column. */
  sliceFloor: z.strictObject({
    column: z.string(),
    ...named(metric, figure),
    minRows: z.int().min(1).default(50),
  }),
  /** A feature that explains the label alone, with the value that it reaches on the hold-out. */
  leak: z.strictObject({ feature: z.string(), ...named(metric, figure) }),
  /** A candidate compared with another version. */
  compared: {
    ...named(metric, figure),
    /** The candidate's value minus the other's: below 0 the candidate is worse. */
    difference: z.number(),
    /** 95 % interval of the difference, by a paired bootstrap. */
    interval: z.tuple([z.number(), z.number()]),
  },
});

/** Parts of documents that depend on the objective. */
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
  /** Data of the hold-out that the report plots. */
  readonly drawn: Shape;
  /** Its input is the gate of a definition, its output the gate in the plan. */
  readonly gate: z.ZodObject<typeof gateOfAny & { slices: z.ZodType }>;
  /** Names for nested types in the generated Python. */
  readonly types: Shape;
}

/** Anything that contains the main metric: metrics, a slice and its floor, a leak, a comparison, a grid point. */
type Entry<P> = P extends ObjectiveParts ? Readonly<Record<P['metric'], number>> : never;
type Tried<P> = P extends ObjectiveParts ? Readonly<Record<`${P['metric']}_by_fold`, readonly number[]>> : never;
export type GateOf<P> = P extends ObjectiveParts ? z.infer<P['gate']> : never;
type Metrics<P> = P extends ObjectiveParts ? z.infer<P['metrics']> : never;
type Rows<P> = P extends ObjectiveParts ? z.infer<P['rows']> : never;
/** The part of a candidate that several documents contain. */
type Result<P> = P extends ObjectiveParts ? { metrics: Metrics<P>; rows: Rows<P> } : never;
/** Its part of a training task. */
type Planned<P> = P extends ObjectiveParts ? { objective: P['name']; gate: z.infer<P['gate']> } : never;
type Drawn<P> = P extends ObjectiveParts ? Result<P> & Value<P['drawn']> : never;

/** A metric that people compare. */
interface Figure<P> {
  label: string;
  /** How to read it, such as `less is better`. */
  note: string;
  of: (dossier: Drawn<P>) => number;
  /** Formats it; four decimals by default. */
  shown?: (value: number) => string;
}

/** A metric that is published to CloudWatch for each judged candidate, with the dimension `Model`. */
interface Watched<P> {
  /** Its name in CloudWatch. */
  metric: string;
  /** The statistic that alarms and graphs use. */
  statistic: 'Minimum' | 'Maximum';
  of: (dossier: Drawn<P>) => number;
  /** Title and axis of its graph. */
  title: string;
  axis: { min?: number; max?: number };
  /** Absent if no alarm watches it. */
  alarm?: {
    /** Last part of the alarm's name, and section of the runbook. */
    kind: string;
    /** The alarm fires at this value or above. */
    threshold: number;
    /** A sentence that says what is wrong with the model. */
    what: (model: string, threshold: number) => string;
    /** What to look at first. */
    advice: string;
  };
}

/** Its part of the report. Main metric, grid, slices, importances and comparisons are the same for every objective. */
interface Shown<P> {
  style: Html;
  /** What to say about the labels of the two parts, such as ` (26 % positive)`. */
  labels: (rows: Rows<P>) => { train: string; test: string };
  tiles: (result: Result<P>) => readonly (readonly [name: string, value: string, note: string])[];
  plots: (dossier: Drawn<P>) => readonly Html[];
  /** A figure that needs no dossier. `label` is the label's column. */
  table: (metrics: Metrics<P>, label: string) => Html;
}

/**
 * What a model predicts. An objective defines metrics, gate, published metrics, alarms, predictions and its part of the report. Each has
 * one record in `objectives/`.
 */
export interface Objective<P> {
  readonly parts: P;
  /** The main metric. */
  readonly judgedBy: {
    label: string;
    /** The metric in words. */
    meaning: string;
    /** The alarm `model-worse` fires if a promoted version is worse than the one before by this much. */
    worseBy: number;
    /** What a slice needs to be judged, after the number of rows, such as ` of both classes`. */
    needs: string;
    /** The scale in the report, with the labels of its ends. */
    scale: { from: number; to: number; ends: readonly [string, string] };
    in: (entry: Entry<P>) => number;
    byFold: (point: Tried<P>) => readonly number[];
    /** 95 % interval on the hold-out, if known. */
    interval: (result: Result<P>) => readonly [number, number] | undefined;
    /** The gate's floor. */
    floor: (gate: GateOf<P>) => number | undefined;
  };
  /** Types of columns that can be the label. */
  readonly labelTypes: RegExp;
  /** Without a gate, that of the defaults. */
  planned: (gate: GateOf<P> | undefined) => Planned<P>;
  /** Turns an algorithm's sum into a score. */
  link: (margin: number) => number;
  readonly predicted: {
    /** Columns of the predictions table, without key and version. */
    columns: readonly { readonly name: string; readonly type: 'double' | 'int' }[];
    of: (score: number, metrics: Metrics<P>) => Readonly<Record<string, number>>;
    /** How `score` prints a prediction: headings, cells, and a note on how to read them. */
    headings: (label: string) => readonly string[];
    cells: (predicted: Readonly<Record<string, number>>) => readonly string[];
    note: (label: string, metrics: Metrics<P>) => string;
    /** Values that a prediction depends on, besides the score. */
    settled: (metrics: Metrics<P>) => Readonly<Record<string, number>>;
  };
  /** The gate's own conditions, judged by the candidate's dossier. */
  findings: (gate: GateOf<P>, dossier: Drawn<P>) => Finding[];
  /** The most important first. The first is the main metric. */
  readonly figures: readonly [Figure<P>, ...Figure<P>[]];
  readonly watched: readonly Watched<P>[];
  readonly report: Shown<P>;
}
