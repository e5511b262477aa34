import * as z from 'zod';
import type { Algorithm } from './algorithm.ts';
import { type GradientBoostedTrees, gradientBoostedTrees } from './algorithms/gradient-boosted-trees.ts';
import type { Objective } from './objective.ts';
import { type BinaryLearning, binary } from './objectives/binary/binary.ts';

/**
 * The kinds of prediction and the ways of learning. A new objective or algorithm is a record in its folder, and a line in each list here.
 * A document that names none means the first of the list: its model was trained when there was only one.
 */

const allObjectives = { [binary.parts.name]: binary };
const allAlgorithms = { [gradientBoostedTrees.parts.name]: gradientBoostedTrees };

/** What a model of the definition says of its objective and algorithm. */
export type Learning<Column extends string> = BinaryLearning<Column> & GradientBoostedTrees;

/** The algorithm of a `train` task in the plan. */
export const plannedAlgorithm = z.discriminatedUnion('name', [gradientBoostedTrees.parts.planned]);

export type ObjectiveName = keyof typeof allObjectives;
export type AlgorithmName = keyof typeof allAlgorithms;
export type PartsOfObjective = { [O in ObjectiveName]: (typeof allObjectives)[O]['parts'] };
export type PartsOfAlgorithm = { [A in AlgorithmName]: (typeof allAlgorithms)[A]['parts'] };

/** Typed such that what is asked by a document's own name takes that document. */
const objectives: { [O in ObjectiveName]: Objective<PartsOfObjective[O]> } = allObjectives;
const algorithms: { [A in AlgorithmName]: Algorithm<PartsOfAlgorithm[A]> } = allAlgorithms;

export const objectiveOf = <O extends ObjectiveName>({ objective }: { objective: O }): Objective<PartsOfObjective[O]> =>
  objectives[objective];

export const algorithmNamed = <A extends AlgorithmName>(name: A): Algorithm<PartsOfAlgorithm[A]> => algorithms[name];

type Watched = (typeof allObjectives)[ObjectiveName]['watched'][number];
/** Names of the figures that are published of candidates. */
export type PublishedFigure = Watched['metric'];
type WithAlarm = Extract<Watched, { alarm: object }>;
export type ObjectiveAlarm = WithAlarm['alarm'];

const hasAlarm = (figure: Watched): figure is WithAlarm => 'alarm' in figure;

/** What is published of a candidate, and what alarms watch of that. */
export const watchedOf = (objective: ObjectiveName): { figures: readonly Watched[]; alarms: readonly WithAlarm[] } => {
  const figures: readonly Watched[] = allObjectives[objective].watched;
  return { figures, alarms: figures.filter(hasAlarm) };
};

export const objectiveNames = Object.keys(allObjectives) as readonly ObjectiveName[];
export const algorithmNames = Object.keys(allAlgorithms) as readonly AlgorithmName[];

/** Alarms of all objectives. */
export const objectiveAlarms: readonly ObjectiveAlarm[] = objectiveNames.flatMap((name) =>
  watchedOf(name).alarms.map(({ alarm }) => alarm),
);

/** Heading of a figure that versions are judged by, such as `AUC`, by its name in documents. */
export const labelOf = (metric: string | null | undefined): string =>
  Object.values(objectives).find(({ parts }) => parts.metric === metric)?.judgedBy.label ?? metric ?? '';

/** Names in documents of the figures that versions are judged by. */
export const judgedByNames: readonly string[] = Object.values(objectives).map(({ parts }) => parts.metric);
