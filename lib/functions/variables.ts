import { MillraceError } from '../errors.ts';

/** What the stack gives to its functions, each as an environment variable of this name. */
export interface FunctionVariables {
  PIPELINE: string;
  ENVIRONMENT: string;
  BOOKMARKS_TABLE: string;
  RUNS_TABLE: string;
  REGISTRY_TABLE: string;
  LAKE_BUCKET: string;
  RAW_BUCKET: string;
  ARTEFACTS_BUCKET: string;
  /** Where the plan lies that the stack was made from. */
  PLAN_BUCKET: string;
  PLAN_KEY: string;
  STATE_MACHINE_ARN: string;
  /** Name of the pipeline's schedule, where it has one, as `name` or `group/name`. */
  SCHEDULE_NAME: string;
  ALARM_TOPIC_ARN: string;
  /** Namespace of the metrics that the pipeline measures itself. */
  METRIC_NAMESPACE: string;
}

/** What every function that starts runs needs. */
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

/** The variables that a function needs, and those that it can do without. Throws MR670, which names all that are missing or empty. */
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
        hint: 'deploy the pipeline stack again: it gives them to its functions',
      },
    ]);
  }
  const set = [...names, ...optional].filter((name) => variables[name]);
  return Object.fromEntries(set.map((name) => [name, variables[name]])) as ReturnType<
    typeof environment<Name, Optional>
  >;
}
