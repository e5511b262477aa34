import type { Context } from 'aws-lambda';
import { environment } from '../shared/aws/environment.ts';
import { publishMetrics } from '../shared/aws/metrics.ts';
import { observer } from '../shared/aws/observer.ts';
import { qualityPorts, qualityVariables } from '../shared/aws/quality-ports.ts';
import { faulty } from '../shared/fault.ts';
import { measuresOf } from './measures.ts';
import { judge, type QualityRequest, type Verdict } from './quality.ts';

const env = environment(qualityVariables);
const ports = qualityPorts(env);
const observed = observer('quality', env);

/** Invoked by the state machine, once a candidate. */
export const handler = (request: QualityRequest, context: Context): Promise<Verdict> =>
  observed(context, async ({ logger, about }) => {
    about({ run: request.run, task: `train_${request.model}`, model: request.model });
    const verdict = await faulty(() => judge(request, ports));
    publishMetrics(env.METRIC_NAMESPACE, measuresOf(verdict));
    logger.info(verdict.verdict, { verdict });
    return verdict;
  });
