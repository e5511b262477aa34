import { hostname } from 'node:os';
import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Context } from 'aws-lambda';
import { MillraceError } from '../../lib/errors.ts';
import type { FunctionVariables } from '../../lib/functions/variables.ts';

/** Logging of one invocation. */
export interface Observation {
  logger: Logger;
  /** Adds these keys to every later log line and these annotations to the trace: `run`, `task`, `model`, `alarm`. */
  about(keys: Readonly<Record<string, string>>): void;
}

/**
 * Logs JSON lines, each with pipeline, environment and host, and traces each invocation that X-Ray samples, with cold start and
 * errors. Errors of the action are logged and rethrown.
 */
export function observer(name: string, env: Pick<FunctionVariables, 'PIPELINE' | 'ENVIRONMENT'>) {
  const serviceName = `millrace-${name}`;
  const annotations = { pipeline: env.PIPELINE, environment: env.ENVIRONMENT };
  // The host of a function is the sandbox that writes this log stream.
  const host = process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? hostname();
  const logger = new Logger({ serviceName, persistentKeys: { ...annotations, host } });
  const tracer = new Tracer({ serviceName });
  // Calls outside a trace are not traced. By default, X-Ray logs an error for each.
  tracer.provider.setContextMissingStrategy('IGNORE_ERROR');

  const about: Observation['about'] = (keys) => {
    logger.appendKeys(keys);
    for (const [key, value] of Object.entries(keys)) tracer.putAnnotation(key, value);
  };

  return async <T>(context: Context, action: (observation: Observation) => Promise<T>): Promise<T> => {
    // A warm function still has the keys of the last invocation.
    logger.resetKeys();
    logger.addContext(context);
    const whole = tracer.getSegment();
    const subsegment = whole?.addNewSubsegment(`## ${name}`);
    if (subsegment) tracer.setSegment(subsegment);
    tracer.annotateColdStart();
    tracer.addServiceNameAnnotation();
    for (const [key, value] of Object.entries(annotations)) tracer.putAnnotation(key, value);
    try {
      return await action({ logger, about });
    } catch (error) {
      const fault = error instanceof MillraceError ? error.issues : undefined;
      if (fault !== undefined) logger.error('the invocation failed', { issues: fault });
      else logger.error('the invocation failed', error as Error);
      tracer.addErrorAsMetadata(error as Error);
      // The stack trace is in the log; the caller gets one sentence.
      if (error instanceof Error) error.stack = `${error.name}: ${error.message}`;
      throw error;
    } finally {
      subsegment?.close();
      if (whole) tracer.setSegment(whole);
    }
  };
}
