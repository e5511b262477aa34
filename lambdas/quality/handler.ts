import type { Context } from 'aws-lambda';
import { qualityPorts } from '../../lib/aws/gate-ports.ts';
import { environment } from '../../lib/functions/variables.ts';
import { judge, type QualityRequest, type Verdict } from '../../lib/gate/gate.ts';
import { asMachineFault } from '../shared/fault.ts';
import { observer } from '../shared/observe.ts';
import { publishMetrics } from '../shared/publish-metrics.ts';
import { quality } from './function.ts';
import { metricsOf } from './metrics.ts';

const env = environment(quality.variables);
const ports = qualityPorts(env);
const observed = observer('quality', env);

/** Invoked by the state machine, once per candidate. */
export const handler = (request: QualityRequest, context: Context): Promise<Verdict> =>
  observed(context, async ({ logger, about }) => {
    about({ run: request.run, task: `train_${request.model}`, model: request.model });
    const verdict = await asMachineFault(() => judge(request, ports));
    publishMetrics(env.METRIC_NAMESPACE, metricsOf(verdict));
    logger.info(verdict.verdict, { verdict });
    return verdict;
  });
