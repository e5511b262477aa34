import { MillraceError } from '../errors.ts';

/** The environment variables that the stack sets on its functions. */
export interface FunctionVariables {
  PIPELINE: string;
  ENVIRONMENT: string;
  BOOKMARKS_TABLE: string;
  RUNS_TABLE: string;
  REGISTRY_TABLE: string;
  LAKE_BUCKET: string;
  RAW_BUCKET: string;
  ARTEFACTS_BUCKET: string;
  /** Location of the plan that the stack was built from. */
  PLAN_BUCKET: string;
  PLAN_KEY: string;
  STATE_MACHINE_ARN: string;
  /** Name of the pipeline's schedule, if it has one, as `name` or `group/name`. */
  SCHEDULE_NAME: string;
  ALARM_TOPIC_ARN: string;
  /** Namespace of the pipeline's own metrics. */
  METRIC_NAMESPACE: string;
}

/** The variables of every function that starts runs. */
export const runVariables = [
  'PIPELINE',
  'ENVIRONMENT',
  'RUNS_TABLE',
  'LAKE_BUCKET',
  'RAW_BUCKET',
  'PLAN_BUCKET',
  'PLAN_KEY',
  'STATE_MACHINE_ARN',
] as const satisfies readonly (keyof FunctionVariables)[];

/** Reads the required and optional variables of a function. Throws MR670, which names all that are missing or empty. */
export function environment<Name extends keyof FunctionVariables, Optional extends keyof FunctionVariables = never>(
  names: readonly Name[],
  optional: readonly Optional[] = [],
  variables: NodeJS.ProcessEnv = process.env,
): Pick<FunctionVariables, Name> & Partial<Pick<FunctionVariables, Optional>> {
  const missing = names.filter((name) => !variables[name]);
  if (missing.length > 0) {
    throw new MillraceError([
      {
        code: 'MR670',
        path: 'environment of the function',
        message: `not set: ${missing.join(', ')}`,
        hint: 'deploy the pipeline stack again: it sets these variables',
      },
    ]);
  }
  const set = [...names, ...optional].filter((name) => variables[name]);
  return Object.fromEntries(set.map((name) => [name, variables[name]])) as ReturnType<
    typeof environment<Name, Optional>
  >;
}
