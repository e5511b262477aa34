import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  type ExecutionListItem,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';

/** The twin's account, seen through the AWS SDK. The clients read the endpoint from the environment. */
export class Account {
  private readonly s3 = new S3Client({ forcePathStyle: true });
  private readonly sfn = new SFNClient({});

  /** Uploads the files of a folder; keys are their paths below the folder. Returns the number of files. */
  async upload(folder: string, bucket: string, prefix: string): Promise<number> {
    const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    for (const entry of names) {
      const file = path.join(entry.parentPath, entry.name);
      const key = prefix + path.relative(folder, file).split(path.sep).join('/');
      await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: await readFile(file) }));
    }
    return names.length;
  }

  async text(bucket: string, key: string): Promise<string> {
    const { Body } = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body!.transformToString();
  }

  async machineArn(name: string): Promise<string> {
    const { stateMachines = [] } = await this.sfn.send(new ListStateMachinesCommand({}));
    const found = stateMachines.find((machine) => machine.name === name);
    if (found === undefined) throw new Error(`no state machine is named ${name}`);
    return found.stateMachineArn!;
  }

  async runs(machine: string): Promise<ExecutionListItem[]> {
    const { executions = [] } = await this.sfn.send(new ListExecutionsCommand({ stateMachineArn: machine }));
    return executions.sort((a, b) => a.startDate!.getTime() - b.startDate!.getTime());
  }

  /** Waits until a new run, one that is not in `before`, has ended and no run is running. Returns the output of the first new run. */
  async nextRun(machine: string, before: ReadonlySet<string>, seconds = 1800): Promise<Record<string, unknown>> {
    for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(500)) {
      const runs = await this.runs(machine);
      const fresh = runs.filter((run) => !before.has(run.name!));
      if (fresh.length === 0 || runs.some((run) => run.status === 'RUNNING')) continue;
      const { status, output } = await this.sfn.send(
        new DescribeExecutionCommand({ executionArn: fresh[0]!.executionArn! }),
      );
      if (status === 'SUCCEEDED') return JSON.parse(output!) as Record<string, unknown>;
      const { events = [] } = await this.sfn.send(
        new GetExecutionHistoryCommand({ executionArn: fresh[0]!.executionArn!, reverseOrder: true, maxResults: 3 }),
      );
      throw new Error(`run ${fresh[0]!.name} ended as ${status}: ${JSON.stringify(events).slice(0, 1000)}`);
    }
    throw new Error(`no run ended within ${seconds} s`);
  }

  async invoke(name: string, payload: unknown): Promise<unknown> {
    const { Payload, FunctionError } = await new LambdaClient({}).send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }),
    );
    const text = Buffer.from(Payload ?? []).toString('utf8');
    if (FunctionError !== undefined) throw new Error(`${name} failed: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  async alarm(name: string, reason: string): Promise<void> {
    await new CloudWatchClient({}).send(
      new SetAlarmStateCommand({ AlarmName: name, StateValue: 'ALARM', StateReason: reason }),
    );
  }

  /** The resources in the account whose name begins with a prefix, each as `kind name`. */
  async leftovers(prefix: string): Promise<string[]> {
    const [buckets, tables, functions, machines] = await Promise.all([
      this.s3.send(new ListBucketsCommand({})),
      new DynamoDBClient({}).send(new ListTablesCommand({})),
      new LambdaClient({}).send(new ListFunctionsCommand({})),
      this.sfn.send(new ListStateMachinesCommand({})),
    ]);
    const named = [
      ...(buckets.Buckets ?? []).map((bucket) => `bucket ${bucket.Name}`),
      ...(tables.TableNames ?? []).map((name) => `table ${name}`),
      ...(functions.Functions ?? []).map((entry) => `function ${entry.FunctionName}`),
      ...(machines.stateMachines ?? []).map((machine) => `state machine ${machine.name}`),
    ];
    return named.filter((entry) => entry.includes(` ${prefix}`)).sort();
  }
}
