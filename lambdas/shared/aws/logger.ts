import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Environment } from './environment.ts';

/** JSON lines, each with pipeline and environment; a handler adds the run. */
export function lambdaLogger(name: string, env: Pick<Environment, 'PIPELINE' | 'ENVIRONMENT'>): Logger {
  return new Logger({
    serviceName: `millrace-${name}`,
    persistentKeys: { pipeline: env.PIPELINE, environment: env.ENVIRONMENT },
  });
}

/** Begins an invocation: a warm function still holds the keys of the last one. */
export function begin(logger: Logger, context: Context): void {
  logger.resetKeys();
  logger.addContext(context);
}
