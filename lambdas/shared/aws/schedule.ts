import {
  GetScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';

const client = new SchedulerClient({});

/** Switches a schedule off, and leaves the rest of it as it is. `name` or `group/name`. */
export async function pauseSchedule(name: string): Promise<'paused' | 'paused before' | 'no schedule'> {
  const [last, group] = name.split('/').reverse();
  const key = { Name: last!, ...(group && { GroupName: group }) };
  const found = await client.send(new GetScheduleCommand(key)).catch((error: unknown) => {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  });
  if (found === undefined) return 'no schedule';
  if (found.State === 'DISABLED') return 'paused before';
  const { $metadata: _, Arn: __, CreationDate: ___, LastModificationDate: ____, ...schedule } = found;
  const { ScheduleExpression, FlexibleTimeWindow, Target } = schedule;
  // An update replaces the whole schedule: what is not named falls back to its default.
  await client.send(
    new UpdateScheduleCommand({
      ...schedule,
      ...key,
      ScheduleExpression,
      FlexibleTimeWindow,
      Target,
      State: 'DISABLED',
    }),
  );
  return 'paused';
}
