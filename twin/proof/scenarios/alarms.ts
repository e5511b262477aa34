import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { runName } from '../../../lib/runs/run-name.ts';
import { recorded } from '../../recording/environment.ts';
import type { AlarmResponse, PlayedPipeline } from '../played-pipeline.ts';
import type { Scenario } from './scenario.ts';

/** Scenarios in which the responder answers an alarm as the runbook says. */
export function scenariosOfAlarms(pipeline: PlayedPipeline): Scenario[] {
  const topics = new SNSClient({});
  return [
    {
      name: 'an alarm that is delivered twice notifies once',
      roles: ['Respond'],
      play: async () => {
        const since = Date.now();
        const { event, response } = await pipeline.alarmed(pipeline.fresh('alarm'));
        expectDone(response, 'notify', /^notified$/);
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
        await pipeline.endCoolDown('rollback#churn');
        const { response } = await pipeline.alarmed('churn-model-worse');
        expectDone(response, 'rollback', /is live again/);
      },
    },
    {
      name: 'an alarm starts a training',
      roles: ['Respond'],
      play: async () => {
        await pipeline.heal();
        await pipeline.endCoolDown('retrain#pipeline');
        const known = await pipeline.knownRuns();
        const { response } = await pipeline.alarmed('drift');
        expectDone(response, 'retrain', /trains$/);
        await pipeline.newRun(known);
      },
    },
    {
      name: 'an alarm starts a run that was recorded but never started',
      roles: ['Respond'],
      play: async () => {
        await pipeline.heal();
        await pipeline.endCoolDown('retrain#pipeline');
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
      name: 'an alarm stops runs and pauses the schedule, and a person resumes them',
      roles: ['Respond'],
      play: async () => {
        await pipeline.heal();
        const { response } = await pipeline.alarmed('cost');
        expectDone(response, 'stop', /the schedule is paused$/);
        const { detail } = await pipeline.resumeRuns();
        if (!detail.includes('the schedule is on again')) throw new Error(detail);
      },
    },
    {
      name: 'an alarm whose topic was deleted releases its cool-down',
      roles: ['Respond'],
      play: async () => {
        const arn = `arn:aws:sns:${recorded.region}:${recorded.account}:${pipeline.topic}`;
        await topics.send(new DeleteTopicCommand({ TopicArn: arn }));
        const outcome = await pipeline.alarmed(pipeline.fresh('alarm')).then(JSON.stringify, String);
        await topics.send(new CreateTopicCommand({ Name: pipeline.topic }));
        if (!outcome.includes('does not exist') || outcome.includes('nor could')) throw new Error(outcome);
      },
    },
  ];
}

function expectDone(response: AlarmResponse, action: string, detail: RegExp): void {
  if (response.action === action && response.outcome === 'done' && detail.test(response.detail)) return;
  throw new Error(`the alarm was answered by ${JSON.stringify(response)}`);
}
