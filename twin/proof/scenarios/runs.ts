import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import type { PlayedPipeline } from '../played-pipeline.ts';
import { until } from '../under-roles.ts';
import type { Scenario } from './scenario.ts';

/** Scenarios in which runs are started and decide things. The first one makes the tables and the model that all others need. */
export function scenariosOfRuns(pipeline: PlayedPipeline): Scenario[] {
  const sfn = new SFNClient({});
  return [
    { name: 'files start a run', roles: inRuns, play: pipeline.uploadFiles },
    { name: 'new rows start another run', roles: inRuns, play: pipeline.uploadFiles },
    {
      name: 'a person starts a run twice',
      roles: ['Trigger', 'Machine'],
      play: async () => {
        await pipeline.heal();
        const since = Date.now();
        const known = await pipeline.knownRuns();
        await pipeline.invoke('trigger', { cause: 'manual' });
        // The second request checks whether the first run is still running.
        await pipeline.invoke('trigger', { cause: 'manual' });
        await pipeline.newRun(known);
        await pipeline.logged('trigger', since);
      },
    },
    {
      name: 'a stage exceeds its timeout',
      roles: ['Machine'],
      play: async () => {
        const { definition } = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn: pipeline.machine }));
        const hasty = (state: { Resource?: string }) =>
          state.Resource?.includes(':glue:') ? { ...state, TimeoutSeconds: 1 } : state;
        await pipeline.heal();
        const before = await pipeline.stopped();
        await sfn.send(
          new UpdateStateMachineCommand({
            stateMachineArn: pipeline.machine,
            definition: withStates(definition!, hasty),
          }),
        );
        const outcome = await pipeline.uploadFiles().then(() => 'the run succeeded', String);
        await sfn.send(new UpdateStateMachineCommand({ stateMachineArn: pipeline.machine, definition }));
        if (!outcome.includes('States.Timeout')) throw new Error(outcome);
        await until('the end of its job', async () => (await pipeline.stopped()) > before || undefined, 5);
      },
    },
    {
      name: 'a claim replaces one whose run has ended',
      roles: ['Bookmarks'],
      play: async () => {
        await pipeline.heal();
        const since = Date.now();
        const { plan, data } = await pipeline.places();
        const [ended] = await pipeline.account.runs(pipeline.machine);
        const request = {
          pipeline: 'churn',
          plan,
          data,
          holder: ended!.executionArn,
          parameters: { force: ['train'] },
        };
        const claim = (run: string) =>
          pipeline.invoke<{ token: number }>('bookmarks', { action: 'claim', ...request, run });
        await claim(pipeline.fresh('by-hand'));
        const run = pipeline.fresh('by-hand');
        const { token } = await claim(run);
        await pipeline.invoke('bookmarks', { action: 'abort', pipeline: 'churn', run, token });
        await pipeline.logged('bookmarks', since);
      },
    },
    {
      name: 'the gate judges a candidate',
      roles: ['Quality'],
      play: async () => {
        const since = Date.now();
        const { verdict, reason } = await pipeline.promote(await pipeline.newestVersion());
        if (verdict !== 'promote') throw new Error(`the verdict is ${verdict}: ${reason}`);
        await pipeline.logged('quality', since);
      },
    },
    {
      name: 'the schedule starts a run',
      roles: ['Schedule'],
      play: async () => {
        await pipeline.heal();
        const known = await pipeline.knownRuns();
        await pipeline.fireSchedule();
        await pipeline.newRun(known);
      },
    },
  ];
}

const inRuns = ['Engine', 'Machine', 'Bookmarks', 'Quality', 'Trigger'];

/** A state machine's definition with each state changed. */
function withStates(definition: string, change: (state: object) => object): string {
  const document = JSON.parse(definition) as { States: Record<string, object> };
  const States = Object.fromEntries(Object.entries(document.States).map(([name, state]) => [name, change(state)]));
  return JSON.stringify({ ...document, States });
}
