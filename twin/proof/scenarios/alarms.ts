import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { runName } from '../../../lib/runs/run-name.ts';
import { recorded } from '../../recording/environment.ts';
import type { AlarmResponse, PlayedPipeline } from '../played-pipeline.ts';
import type { Scenario } from './scenario.ts';

/** Alarms, each answered as the runbook says. */
export function scenariosOfAlarms(pipeline: PlayedPipeline): Scenario[] {
  const topics = new SNSClient({});
  return [
    {
      name: 'an alarm notifies, delivered twice',
      roles: ['Respond'],
      play: async () => {
        const since = Date.now();
        const { event, response } = await pipeline.alarmed(pipeline.fresh('alarm'));
        expectDone(response, 'notify', /^told$/);
        const [again] = await pipeline.invoke<AlarmResponse[]>('respond', event);
        if (again!.outcome !== 'seen') throw new Error(`the second delivery was answered by ${JSON.stringify(again)}`);
        await pipeline.logged('respond', since);
      },
    },
    {
      name: 'an alarm rolls the model back',
      roles: ['Respond'],
      play: async () => {
        await pipeline.promote(await pipeline.newestVersion());
        await pipeline.warmUp('rollback#churn');
        const { response } = await pipeline.alarmed('churn-model-worse');
        expectDone(response, 'rollback', /is live again/);
      },
    },
    {
      name: 'an alarm retrains',
      roles: ['Respond'],
      play: async () => {
        await pipeline.heal();
        await pipeline.warmUp('retrain#pipeline');
        const known = await pipeline.knownRuns();
        const { response } = await pipeline.alarmed('drift');
        expectDone(response, 'retrain', /trains$/);
        await pipeline.newRun(known);
      },
    },
    {
      name: 'an alarm retrains, whose run was decided on and never started',
      roles: ['Respond'],
      play: async () => {
        await pipeline.heal();
        await pipeline.warmUp('retrain#pipeline');
        const at = new Date();
        const before = await pipeline.state();
        const known = await pipeline.knownRuns();
        const run = runName(at, ['alarm', pipeline.fresh('drift')], before.last);
        const input = { run, pipeline: 'churn', cause: 'alarm', parameters: {}, ...(await pipeline.places()) };
        const time = at.toISOString();
        const decided = {
          ...before,
          revision: before.revision + 1,
          running: { input, since: time, checked: time },
          last: run,
        };
        await pipeline.database.send(
          new PutItemCommand({
            TableName: pipeline.runsTable,
            Item: {
              pk: { S: 'trigger#churn' },
              sk: { S: 'state' },
              revision: { N: String(decided.revision) },
              state: { S: JSON.stringify(decided) },
            },
          }),
        );
        const id = `event#churn#alarm:${pipeline.churn.alarm('drift')}@${time}`;
        await pipeline.database.send(
          new PutItemCommand({ TableName: pipeline.runsTable, Item: { pk: { S: id }, sk: { S: 'event' } } }),
        );
        const { response } = await pipeline.alarmed('drift', at);
        expectDone(response, 'retrain', new RegExp(`${run} trains`));
        await pipeline.newRun(known);
      },
    },
    {
      name: 'an alarm stops runs and pauses the schedule, until a person lets them go on',
      roles: ['Respond'],
      play: async () => {
        await pipeline.heal();
        const { response } = await pipeline.alarmed('cost');
        expectDone(response, 'stop', /the schedule is paused$/);
        const { detail } = await pipeline.letGoOn();
        if (!detail.includes('the schedule is on again')) throw new Error(detail);
      },
    },
    {
      name: 'an alarm meets a topic that is gone, and takes its cool-down back',
      roles: ['Respond'],
      play: async () => {
        const arn = `arn:aws:sns:${recorded.region}:${recorded.account}:${pipeline.topic}`;
        await topics.send(new DeleteTopicCommand({ TopicArn: arn }));
        const said = await pipeline.alarmed(pipeline.fresh('alarm')).then(JSON.stringify, String);
        await topics.send(new CreateTopicCommand({ Name: pipeline.topic }));
        if (!said.includes('does not exist') || said.includes('nor could')) throw new Error(said);
      },
    },
  ];
}

function expectDone(response: AlarmResponse, action: string, detail: RegExp): void {
  if (response.action === action && response.outcome === 'done' && detail.test(response.detail)) return;
  throw new Error(`the alarm was answered by ${JSON.stringify(response)}`);
}
