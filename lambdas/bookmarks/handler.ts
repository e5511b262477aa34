import type { Context } from 'aws-lambda';
import { bookmarkPorts } from '../../lib/aws/bookmark-ports.ts';
import { environment } from '../../lib/functions/variables.ts';
import { asMachineFault } from '../shared/fault.ts';
import { observer } from '../shared/observe.ts';
import { publishMetrics } from '../shared/publish-metrics.ts';
import { bookmarks } from './function.ts';
import { metricsOf } from './metrics.ts';
import { answer, type BookmarksRequest } from './route.ts';

const env = environment(bookmarks.variables);
const ports = bookmarkPorts(env);
const observed = observer('bookmarks', env);

/** Invoked by the state machine, and by hand. */
export const handler = (request: BookmarksRequest, context: Context): Promise<object> =>
  observed(context, async ({ logger, about }) => {
    about({ task: request.action, ...('run' in request && { run: request.run }) });
    const reply = await asMachineFault(() => answer(request, ports));
    publishMetrics(env.METRIC_NAMESPACE, metricsOf(request, reply, ports.now()));
    logger.info(request.action, { reply });
    return reply;
  });
