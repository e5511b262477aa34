import * as z from 'zod';
import type { Algorithm } from './algorithm.ts';
import { type GradientBoostedTrees, gradientBoostedTrees } from './algorithms/gradient-boosted-trees.ts';
import { type RandomForest, randomForest } from './algorithms/random-forest.ts';
import type { Objective } from './objective.ts';
import { type BinaryLearning, binary } from './objectives/binary/binary.ts';
import { type RegressionLearning, regression } from './objectives/regression/regression.ts';

/**
 * All objectives and algorithms. To add one, write its record and add it to each list here. A document that names none was written when
 * there was only one, so it means the first.
 */

const allObjectives = { [binary.parts.name]: binary, [regression.parts.name]: regression };
const allAlgorithms = {
  [gradientBoostedTrees.parts.name]: gradientBoostedTrees,
  [randomForest.parts.name]: randomForest,
};

/** The options of a model for its objective and its algorithm. */
export type Learning<Column extends string> = (BinaryLearning<Column> | RegressionLearning<Column>) &
  (GradientBoostedTrees | RandomForest);

/** The algorithm of a `train` task in the plan. */
export const plannedAlgorithm = z.discriminatedUnion('name', [
  gradientBoostedTrees.parts.planned,
  randomForest.parts.planned,
]);

export type ObjectiveName = keyof typeof allObjectives;
export type AlgorithmName = keyof typeof allAlgorithms;
export type PartsOfObjective = { [O in ObjectiveName]: (typeof allObjectives)[O]['parts'] };
export type PartsOfAlgorithm = { [A in AlgorithmName]: (typeof allAlgorithms)[A]['parts'] };

/** These types let a document select its record by name, and be passed to that record's functions. */
const objectives: { [O in ObjectiveName]: Objective<PartsOfObjective[O]> } = allObjectives;
const algorithms: { [A in AlgorithmName]: Algorithm<PartsOfAlgorithm[A]> } = allAlgorithms;

export const objectiveOf = <O extends ObjectiveName>({ objective }: { objective: O }): Objective<PartsOfObjective[O]> =>
  objectives[objective];

export const algorithmNamed = <A extends AlgorithmName>(name: A): Algorithm<PartsOfAlgorithm[A]> => algorithms[name];

type Watched = (typeof allObjectives)[ObjectiveName]['watched'][number];
/** Names in CloudWatch of the metrics that objectives publish. */
export type PublishedFigure = Watched['metric'];
type WithAlarm = Extract<Watched, { alarm: object }>;
export type ObjectiveAlarm = WithAlarm['alarm'];

const hasAlarm = (figure: Watched): figure is WithAlarm => 'alarm' in figure;

/** The metrics that an objective publishes, and those that an alarm watches. */
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

/** Heading of a main metric, by its name in documents. */
export const labelOf = (metric: string | null | undefined): string =>
  Object.values(objectives).find(({ parts }) => parts.metric === metric)?.judgedBy.label ?? metric ?? '';

/** Names of the main metrics in documents. */
export const judgedByNames: readonly string[] = Object.values(objectives).map(({ parts }) => parts.metric);
