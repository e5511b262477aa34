import type { Context } from 'aws-lambda';
import { bookmarkPorts, bookmarkVariables } from '../shared/aws/bookmark-ports.ts';
import { environment } from '../shared/aws/environment.ts';
import { publishMetrics } from '../shared/aws/metrics.ts';
import { observer } from '../shared/aws/observer.ts';
import { faulty } from '../shared/fault.ts';
import { answer, type LedgerRequest } from './answer.ts';
import { measuresOf } from './measures.ts';

const env = environment(bookmarkVariables);
const ports = bookmarkPorts(env);
const observed = observer('bookmarks', env);

/** Invoked by the state machine, and by hand. */
export const handler = (request: LedgerRequest, context: Context): Promise<object> =>
  observed(context, async ({ logger, about }) => {
    about({ task: request.action, ...('run' in request && { run: request.run }) });
    const said = await faulty(() => answer(request, ports));
    publishMetrics(env.METRIC_NAMESPACE, measuresOf(request, said, ports.now()));
    logger.info(request.action, { said });
    return said;
  });
