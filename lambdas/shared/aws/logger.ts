import { Logger } from '@aws-lambda-powertools/logger';
import type { Environment } from './environment.ts';

/** JSON lines, each with pipeline and environment; a handler adds the run. */
export function lambdaLogger(name: string, env: Pick<Environment, 'PIPELINE' | 'ENVIRONMENT'>): Logger {
  return new Logger({
    serviceName: `millrace-${name}`,
    persistentKeys: { pipeline: env.PIPELINE, environment: env.ENVIRONMENT },
  });
}
