import { hostname } from 'node:os';
import { Logger } from '@aws-lambda-powertools/logger';
import { Tracer } from '@aws-lambda-powertools/tracer';
import type { Context } from 'aws-lambda';
import { MillraceError } from '../../lib/errors.ts';
import type { FunctionVariables } from '../../lib/functions/variables.ts';

/** How an invocation tells what it does. */
export interface Telling {
  logger: Logger;
  /** Every later line has these keys, and the trace these annotations: `run`, `task`, `model`, `alarm`. */
  about(keys: Readonly<Record<string, string>>): void;
}

/**
 * JSON lines, each with pipeline, environment and host, and a trace of each invocation that X-Ray samples, with cold start and errors.
 * What the action throws is logged and thrown on.
 */
export function observer(name: string, env: Pick<FunctionVariables, 'PIPELINE' | 'ENVIRONMENT'>) {
  const serviceName = `millrace-${name}`;
  const annotations = { pipeline: env.PIPELINE, environment: env.ENVIRONMENT };
  // A function's host is the sandbox that writes this stream.
  const host = process.env['AWS_LAMBDA_LOG_STREAM_NAME'] ?? hostname();
  const logger = new Logger({ serviceName, persistentKeys: { ...annotations, host } });
  const tracer = new Tracer({ serviceName });
  // What is called outside of a trace is not traced, and that is no error. X-Ray would log one for each call.
  tracer.provider.setContextMissingStrategy('IGNORE_ERROR');

  const about: Telling['about'] = (keys) => {
    logger.appendKeys(keys);
    for (const [key, value] of Object.entries(keys)) tracer.putAnnotation(key, value);
  };

  return async <T>(context: Context, action: (telling: Telling) => Promise<T>): Promise<T> => {
    // A warm function still holds the keys of the last invocation.
    logger.resetKeys();
    logger.addContext(context);
    const whole = tracer.getSegment();
    const own = whole?.addNewSubsegment(`## ${name}`);
    if (own) tracer.setSegment(own);
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
      // A trace is in the log, where one is needed; who called the function is told a sentence.
      if (error instanceof Error) error.stack = `${error.name}: ${error.message}`;
      throw error;
    } finally {
      own?.close();
      if (whole) tracer.setSegment(whole);
    }
  };
}
