import type { Context } from 'aws-lambda';
import { aucDrop } from '../../lib/plan/metric-names.ts';
import { environment } from '../shared/aws/environment.ts';
import { begin, lambdaLogger } from '../shared/aws/logger.ts';
import { measure } from '../shared/aws/metrics.ts';
import { qualityPorts, qualityVariables } from '../shared/aws/quality-ports.ts';
import { faulty } from '../shared/fault.ts';
import { judge, type QualityRequest, type Verdict } from './quality.ts';

const env = environment(qualityVariables);
const ports = qualityPorts(env);
const logger = lambdaLogger('quality', env);

/** Invoked by the state machine, once a candidate. */
export async function handler(request: QualityRequest, context: Context): Promise<Verdict> {
  begin(logger, context);
  logger.appendKeys({ runId: request.run, model: request.model });
  const verdict = await faulty(() => judge(request, ports));
  if (verdict.verdict === 'promote') {
    const drop = Math.max(0, (verdict.before ?? verdict.auc) - verdict.auc);
    measure(env.METRIC_NAMESPACE, aucDrop, drop, { Model: verdict.model });
  }
  logger.info(verdict.verdict, { verdict });
  return verdict;
}
