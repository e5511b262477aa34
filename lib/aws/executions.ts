import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { TriggerPorts } from '../runs/start-runs.ts';

const client = new SFNClient({});

/** Executions of a state machine, each named after its run. Step Functions keeps them for 90 days. */
export function executions(stateMachineArn: string): Pick<TriggerPorts, 'start' | 'status'> {
  return {
    async start(input) {
      try {
        await client.send(
          new StartExecutionCommand({ stateMachineArn, name: input.run, input: JSON.stringify(input) }),
        );
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
    status: (run) => statusOf(executionArn(stateMachineArn, run)),
  };
}

/** May lag: `none` just after the start, `running` just after the end. `ended` is always right. */
export async function statusOf(executionArn: string): Promise<'none' | 'running' | 'ended'> {
  try {
    const { status } = await client.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' || status === 'PENDING_REDRIVE' ? 'running' : 'ended';
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) return 'none';
    throw error;
  }
}

/** From `arn:aws:states:<region>:<account>:stateMachine:<name>` to the ARN of one of its executions. */
function executionArn(stateMachineArn: string, run: string): string {
  const [arn, partition, states, region, account, , name] = stateMachineArn.split(':');
  return [arn, partition, states, region, account, 'execution', name, run].join(':');
}
