import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  ExecutionDoesNotExist,
  type HistoryEvent,
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { bookmarkPorts } from '../aws/bookmark-ports.ts';
import { fault } from '../aws/faults.ts';
import { registry } from '../aws/registry.ts';
import { runStore } from '../aws/run-store.ts';
import { issuesIn } from '../documents/issue-line.ts';
import { MillraceError } from '../errors.ts';
import { stopAt } from '../runs/run-state.ts';
import type { StartDecision } from '../runs/start-runs.ts';
import type { Deployed } from './deployed-pipeline.ts';
import { stepsOf } from './execution-steps.ts';
import { logGroups } from './logs.ts';
import type { CloudPorts, Execution, LogPort } from './ports.ts';

/** The ports of a deployed pipeline, through the AWS SDK. */
export function awsPorts(deployed: Deployed, logs: LogPort): CloudPorts {
  const { environment, pipeline, names, variables } = deployed;
  const { region } = environment;
  const lambda = new LambdaClient({ region });
  const sfn = new SFNClient({ region });
  const machine = variables.STATE_MACHINE_ARN;
  const bookmarks = bookmarkPorts(variables);
  const promotions = registry(variables.REGISTRY_TABLE, pipeline);
  const arnOf = (run: string) => `${machine.replace(':stateMachine:', ':execution:')}:${run}`;

  const invoke = async (name: 'trigger' | 'bookmarks', payload: object): Promise<unknown> => {
    const FunctionName = names.function(name);
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) }));
    const text = Buffer.from(answer.Payload ?? []).toString('utf8');
    if (answer.FunctionError === undefined) return JSON.parse(text) as unknown;
    throw functionFault(FunctionName, text, `run \`millrace logs ${pipeline} --env ${environment.name}\``);
  };

  return {
    plan: () => bookmarks.plan(`s3://${variables.PLAN_BUCKET}/${variables.PLAN_KEY}`),
    trigger: async (parameters) =>
      // The id stays the same when the SDK retries, so at most one run starts.
      (await invoke('trigger', { cause: 'manual', id: randomUUID(), parameters })) as StartDecision,
    rewind: async (source, paths) => {
      const request = { action: 'rewind', pipeline, source, ...(paths && { paths }) };
      return ((await invoke('bookmarks', request)) as { forgotten: number }).forgotten;
    },
    executions: async (atMost) => {
      const request = new ListExecutionsCommand({ stateMachineArn: machine, maxResults: atMost });
      const { executions = [] } = await sfn.send(request);
      const newest = executions.map((entry) => executionOf({ ...entry, name: entry.name! }));
      return newest.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1)).slice(0, atMost);
    },
    execution: async (run) => {
      try {
        const found = await sfn.send(new DescribeExecutionCommand({ executionArn: arnOf(run) }));
        return executionOf({ ...found, name: run });
      } catch (error) {
        if (error instanceof ExecutionDoesNotExist) return undefined;
        throw error;
      }
    },
    steps: async (run) => {
      const events: HistoryEvent[] = [];
      const request = { executionArn: arnOf(run), maxResults: 1000 };
      for await (const page of paginateGetExecutionHistory({ client: sfn }, request))
        events.push(...(page.events ?? []));
      return stepsOf(events);
    },
    order: bookmarks.order,
    outcomes: bookmarks.outcomes,
    engineLog: async (jobRun, { startedAt, stoppedAt }) => {
      const group = logGroups(deployed).find(({ part }) => part === 'engine')!;
      const to = stoppedAt === undefined ? Date.now() : Date.parse(stoppedAt) + 60_000;
      const only = { streams: jobRun, text: 'task.failed' };
      // Without permission to read logs, the status still shows their location.
      const lines = await logs.lines(group, Date.parse(startedAt), to, only).catch(() => []);
      return lines.map(({ text }) => text).join('\n');
    },
    bookmarks: () => bookmarks.store.load(pipeline),
    live: promotions.live,
    stopped: async () => stopAt(await runStore(variables.RUNS_TABLE, pipeline).read(), new Date()),
  };
}

interface Described {
  name: string;
  status?: string | undefined;
  startDate?: Date | undefined;
  stopDate?: Date | undefined;
  error?: string | undefined;
  cause?: string | undefined;
  output?: string | undefined;
}

function executionOf({ name, status, startDate, stopDate, error, cause, output }: Described): Execution {
  return {
    run: name,
    // An execution that waits for a redrive has failed.
    status: status === 'PENDING_REDRIVE' ? 'FAILED' : (status as Execution['status']),
    startedAt: (startDate ?? new Date(0)).toISOString(),
    ...(stopDate && { stoppedAt: stopDate.toISOString() }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    ...(output !== undefined && { output }),
  };
}

/** The issues that a function reported, or MR695 for any other failure. */
function functionFault(name: string, payload: string, hint: string): MillraceError {
  let message = payload;
  try {
    message = (JSON.parse(payload) as { errorMessage?: string }).errorMessage ?? payload;
  } catch {
    // Not JSON: use Lambda's text.
  }
  const issues = issuesIn(message);
  if (issues.length > 0) return new MillraceError(issues);
  return fault('MR695', name, `the function failed: ${message.slice(0, 500)}`, hint);
}
