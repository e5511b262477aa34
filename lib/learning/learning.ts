import * as z from 'zod';
import { type GradientBoostedTrees, gradientBoostedTrees } from './algorithms/gradient-boosted-trees.ts';
import { type BinaryLearning, binary } from './objectives/binary.ts';

/** What a model may predict, and how it may learn: a new objective or algorithm is a record in its folder and a line here. */

export const objectives = { [binary.name]: binary };
export const algorithms = { [gradientBoostedTrees.name]: gradientBoostedTrees };

export type ObjectiveName = keyof typeof objectives;

/** What a model of the definition says of its objective and algorithm. */
export interface Learning<Column extends string> extends BinaryLearning<Column>, GradientBoostedTrees {}

/** The same, as it is checked. */
export const askedLearning = {
  objective: z.literal(binary.name).optional(),
  gate: binary.askedGate.optional(),
  algorithm: z.literal(gradientBoostedTrees.name),
  ...gradientBoostedTrees.asked,
};

/** The same in a `train` task of the plan, with defaults. */
export const plannedLearning = {
  objective: z.literal(binary.name),
  algorithm: z.discriminatedUnion('name', [gradientBoostedTrees.planned]),
  gate: binary.plannedGate,
};

type Watched = (typeof objectives)[ObjectiveName]['watched'][number];
type WithAlarm = Extract<Watched, { alarm: object }>;
export type ObjectiveAlarm = WithAlarm['alarm'];

/** The figures that an alarm watches. */
export const alarmsOf = (watched: readonly Watched[]): WithAlarm[] =>
  watched.filter((figure): figure is WithAlarm => 'alarm' in figure);

/** Those of all objectives. */
export const objectiveAlarms: readonly ObjectiveAlarm[] = Object.values(objectives).flatMap(({ watched }) =>
  alarmsOf(watched).map(({ alarm }) => alarm),
);

/** Heading of the figure that versions are judged by, as `AUC`. */
export const labelOf = (metric: string | null | undefined): string =>
  Object.values(objectives).find(({ judgedBy }) => judgedBy.metric === metric)?.judgedBy.label ?? metric ?? '';

/** Absent in documents of models that were trained when there was one objective. */
export const objectiveOf = ({ objective = binary.name }: { objective?: ObjectiveName | undefined }) =>
  objectives[objective];
