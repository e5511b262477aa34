import type { Context } from 'aws-lambda';
import { quarantineShare } from '../../lib/plan/metric-names.ts';
import { bookmarkPorts, bookmarkVariables } from '../shared/aws/bookmark-ports.ts';
import { environment } from '../shared/aws/environment.ts';
import { begin, lambdaLogger } from '../shared/aws/logger.ts';
import { measure } from '../shared/aws/metrics.ts';
import { faulty } from '../shared/fault.ts';
import { answer, type LedgerRequest } from './answer.ts';
import type { Settled } from './bookmarks.ts';

const env = environment(bookmarkVariables);
const ports = bookmarkPorts(env);
const logger = lambdaLogger('bookmarks', env);

/** Invoked by the state machine, and by hand. */
export async function handler(request: LedgerRequest, context: Context): Promise<object> {
  begin(logger, context);
  if ('run' in request) logger.appendKeys({ runId: request.run });
  const said = await faulty(() => answer(request, ports));
  if (request.action === 'commit') {
    const { read, quarantined } = said as Settled;
    measure(env.METRIC_NAMESPACE, quarantineShare, read === 0 ? 0 : quarantined / read);
  }
  logger.info(request.action, { said });
  return said;
}
