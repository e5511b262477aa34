import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';

const client = new SchedulerClient({});

/** Makes a schedule start no earlier than `until`; changes nothing else. `name` or `group/name`. */
export async function pauseSchedule(name: string, until: Date): Promise<'paused' | 'paused before' | 'no schedule'> {
  const found = await scheduleOf(name);
  if (found === undefined) return 'no schedule';
  const off = found.State === 'DISABLED' || (found.StartDate !== undefined && found.StartDate >= until);
  if (off) return 'paused before';
  await update(name, found, until);
  return 'paused';
}

/** Resumes a schedule that was paused until then. A schedule that is disabled for another reason stays disabled. */
export async function resumeSchedule(name: string, until: Date): Promise<'on again' | 'as it was' | 'no schedule'> {
  const found = await scheduleOf(name);
  if (found === undefined) return 'no schedule';
  if (found.StartDate?.getTime() !== until.getTime()) return 'as it was';
  await update(name, found, undefined);
  return 'on again';
}

function keyOf(name: string) {
  const [last, group] = name.split('/').reverse();
  return { Name: last!, ...(group && { GroupName: group }) };
}

async function scheduleOf(name: string): Promise<GetScheduleCommandOutput | undefined> {
  try {
    return await client.send(new GetScheduleCommand(keyOf(name)));
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

/** An update replaces the whole schedule: fields that are not set fall back to their defaults. */
async function update(name: string, found: GetScheduleCommandOutput, begins: Date | undefined): Promise<void> {
  const { $metadata: _, Arn: __, CreationDate: ___, LastModificationDate: ____, StartDate: _____, ...schedule } = found;
  const { ScheduleExpression, FlexibleTimeWindow, Target } = schedule;
  await client.send(
    new UpdateScheduleCommand({
      ...schedule,
      ...keyOf(name),
      ScheduleExpression,
      FlexibleTimeWindow,
      Target,
      ...(begins !== undefined && { StartDate: begins }),
    }),
  );
}
