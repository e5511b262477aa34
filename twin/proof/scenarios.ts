import type { PlayedPipeline } from './played-pipeline.ts';
import { scenariosOfAlarms } from './scenarios/alarms.ts';
import { scenariosOfRuns } from './scenarios/runs.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { scenariosOfTheUndelivered } from './scenarios/undelivered.ts';

/** All scenarios, in an order in which each finds what it needs. */
export const scenariosOf = (pipeline: PlayedPipeline): Scenario[] => [
  ...scenariosOfRuns(pipeline),
  ...scenariosOfAlarms(pipeline),
  ...scenariosOfTheUndelivered(pipeline),
];
