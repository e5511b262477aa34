import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { FirehoseClient, ListDeliveryStreamsCommand } from '@aws-sdk/client-firehose';
import { ListStreamsCommand, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DeleteMessageCommand, GetQueueUrlCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { namesOf } from '../../lib/environment/names.ts';
import { loadPlan } from '../../lib/local/load.ts';
import { pythonOf } from '../../lib/local/python.ts';
import { projectFolder, Root } from '../../lib/local/root.ts';
import { runPipeline } from '../../lib/local/run.ts';
import { isTwinInstalled, startTwin, type Twin } from '../../twin/ministack.ts';
import { Account } from '../../twin/proof/account.ts';
import { cdkOn } from '../../twin/proof/cdk.ts';
import { kinesisClient } from './kinesis.ts';

const { region } = environments.twin;
const names = namesOf(environments.twin);
const clicks = names.pipeline('clicks');
const fixture = 'test/fixtures/clicks';
const engine = path.join(projectFolder, 'glue-scripts');

interface View {
  view_id: string;
  at: string;
  page: string;
  seconds?: number;
}

const hour = (i: number) => new Date(Date.UTC(2026, 0, 1, i)).toISOString();
const view = (i: number, page = '/home'): View => ({ view_id: `v${i}`, at: hour(i), page, seconds: i / 2 });

const views = Array.from({ length: 40 }, (_, i) => view(i));
/** Two records with one key: the later one counts, whichever arrived first. */
const twice = [
  view(3),
  { ...view(4), at: hour(1000), page: '/later' },
  { ...view(5), at: hour(-1000), page: '/before' },
];
const late = { view_id: 'late', at: '2019-05-05T00:00:00Z', page: '/old' };
const noView = ['no json at all', '[1, 2]', '{"view_id": "v90", "at": "yesterday", "page": "/"}', '{"view_id": 7'];

const purchase = (i: number) => ({
  purchase_id: `p${i}`,
  view_id: `v${i}`,
  at: `2026-0${(i % 3) + 1}-01T12:00:00Z`,
  amount: i + 0.5,
});
const purchases = Array.from({ length: 12 }, (_, i) => purchase(i));
/** Records without a valid day in the column; the last day would create a folder. */
const noDay = ['no json at all', '{"purchase_id": "p90"}', JSON.stringify({ ...purchase(91), at: '2026/01/01' })];

/** Streams that the real CDK CLI deployed to the twin, from records to tables. */
describe.skipIf(!isTwinInstalled())('records put to streams', () => {
  let twin: Twin;
  let scratch: string;
  let account: Account;
  let machine: string;
  let cdk: ReturnType<typeof cdkOn>;
  const before = { ...process.env };

  beforeAll(async () => {
    scratch = await mkdtemp(path.join(tmpdir(), 'millrace-streams-'));
    twin = await startTwin({ folder: path.join(scratch, 'twin') });
    Object.assign(process.env, twin.environment);
    account = new Account();
    cdk = cdkOn(twin.environment, path.join(scratch, 'cdk.out'), path.join(scratch, 'cdk.log'));
    await cdk('bootstrap', `aws://${environments.twin.account}/${environments.twin.region}`);
    await cdk('deploy', '--all', '--require-approval', 'never', '--context', `pipelines=${fixture}`);
    machine = await account.machineArn(clicks.machine);
  });
  afterAll(async () => {
    await twin?.stop();
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    if (scratch) await rm(scratch, { recursive: true, force: true });
  });

  test('are rows of bronze, each once, and invalid ones are in quarantine', async () => {
    const good = [...views, ...twice, late];
    await put('views', [...good.slice(0, 10), ...noView, ...good.slice(10)]);
    const bronze = await eventually(async () => {
      const rows = await table<View & { _source_file: string }>('bronze/views');
      return rows.length === good.length ? rows : undefined;
    });
    const content = (rows: readonly View[]) =>
      rows.map((row) => `${row.view_id} ${row.page} ${row.seconds ?? 'none'}`).sort();
    expect(content(bronze)).toEqual(content(good));
    const quarantine = await table<{ _raw: string }>('quarantine/views');
    expect(quarantine.map((row) => row._raw).sort()).toEqual([...noView].sort());

    const files = await keys('clicks/views/');
    const day = new Date().toISOString().slice(0, 10);
    expect(files.length).toBeLessThan(10); // records share files
    for (const key of files)
      expect(key).toMatch(new RegExp(`^clicks/views/${day}-millrace-twin-clicks-views-.*\\.json$`));
    expect(new Set(bronze.map((row) => row._source_file))).toEqual(new Set(files.map((key) => key.slice(7))));
  });

  test('are rows of silver, one per key', async () => {
    const rows = await eventually(async () => {
      const found = await table<View>('silver/views_clean');
      return found.length === views.length + 1 ? found : undefined;
    });
    const page = (id: string) => rows.filter((row) => row.view_id === id).map((row) => row.page);
    expect([page('v3'), page('v4'), page('v5'), page('late')]).toEqual([['/home'], ['/later'], ['/home'], ['/old']]);
  });

  test('by the day of a column are in files of that day; those without a day are kept and reported', async () => {
    await idle();
    await put('purchases', [...purchases.slice(0, 6), ...noDay, ...purchases.slice(6)]);
    const rows = await eventually(async () => {
      const found = await table<{ purchase_id: string; amount: number }>('silver/purchases_clean');
      return found.length === purchases.length ? found : undefined;
    });
    expect(rows.map((row) => `${row.purchase_id} ${row.amount}`).sort()).toEqual(
      purchases.map((row) => `${row.purchase_id} ${row.amount}`).sort(),
    );
    expect(await table('quarantine/purchases')).toEqual([]);
    const files = await keys('clicks/purchases/');
    expect([...new Set(files.map((key) => key.slice('clicks/purchases/'.length, -1).slice(0, 10)))].sort()).toEqual([
      '2026-01-01',
      '2026-02-01',
      '2026-03-01',
    ]);

    const errors = await keys('_errors/');
    expect(errors.every((key) => key.startsWith('_errors/clicks/purchases/processing-failed/'))).toBe(true);
    const texts = await Promise.all(errors.map((key) => account.text(names.bucket('raw'), key)));
    const kept = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Rejected);
    expect(kept.map(({ rawData }) => Buffer.from(rawData, 'base64').toString()).sort()).toEqual([...noDay].sort());
    const received: string[] = [];
    await eventually(async () => {
      received.push(...(await messages()));
      return received.length >= errors.length ? received : undefined;
    });
    expect(received.sort()).toEqual(errors);
  });

  test('that failed to land start no run', async () => {
    await idle();
    const known = (await account.runs(machine)).length;
    await put('purchases', ['nothing']);
    const errors = await eventually(async () => {
      const received = await messages();
      return received.length > 0 ? received : undefined;
    });
    expect(errors).toHaveLength(1);
    await sleep(10_000);
    expect((await account.runs(machine)).length).toBe(known);
  });

  test('give the same tables as their files on a laptop', async () => {
    await idle();
    const data = path.join(scratch, 'data');
    for (const key of await keys('clicks/')) {
      const file = path.join(data, key.slice('clicks/'.length));
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, await account.text(names.bucket('raw'), key));
    }
    const root = new Root(path.join(scratch, 'here'));
    const plan = await loadPlan(fixture);
    const here = await runPipeline({ plan, root, engine: 'sail', data, emit: () => undefined });
    expect(here.status).toBe('succeeded');
    const lakes = [root.folder, `s3://${names.bucket('lake')}`];
    const compare = path.join(engine, 'compare_lakes.py');
    const planFile = path.join(root.run(here.pipeline, here.run), 'plan.json');
    const { stdout } = await promisify(execFile)(await pythonOf('sail'), [compare, '--plan', planFile, ...lakes]);
    expect(JSON.parse(stdout)).toEqual({
      tables: [
        { table: 'views_clean', rows: [41, 41], equal: true },
        { table: 'purchases_clean', rows: [12, 12], equal: true },
      ],
      equal: true,
    });
    const runs = await account.runs(machine);
    expect(runs.map((run) => run.status)).toEqual(runs.map(() => 'SUCCEEDED'));
  });

  test('land in another way after a change of the definition, under another name, and no longer after a destroy', async () => {
    const landings = async () => {
      const { DeliveryStreamNames } = await new FirehoseClient({ region }).send(new ListDeliveryStreamsCommand({}));
      return DeliveryStreamNames!.sort();
    };
    expect(await landings()).toEqual(['millrace-twin-clicks-purchases-by-day', 'millrace-twin-clicks-views']);
    const changed = path.join(scratch, 'pipelines', 'clicks');
    await cp(fixture, changed, { recursive: true });
    const file = path.join(changed, 'pipeline.ts');
    const text = await readFile(file, 'utf8');
    const plain = text.replace("stream: { partitionBy: 'at' }", 'stream: {}');
    expect(plain).not.toBe(text);
    await writeFile(file, plain.replace("'../../../lib/", `'${projectFolder}/lib/`));
    await cdk('deploy', '--all', '--require-approval', 'never', '--context', `pipelines=${changed}`);
    expect(await landings()).toEqual(['millrace-twin-clicks-purchases', 'millrace-twin-clicks-views']);
    await put('purchases', [purchase(50)]);
    await eventually(async () => {
      const rows = await table('silver/purchases_clean');
      return rows.length === purchases.length + 1 ? rows : undefined;
    });

    await idle();
    await cdk('destroy', '--all', '--force', '--context', `pipelines=${changed}`);
    expect(await landings()).toEqual([]);
    expect(await kinesisClient(region).send(new ListStreamsCommand({}))).toMatchObject({ StreamNames: [] });
    expect(await account.leftovers(environments.twin.prefix)).toEqual([]);
  });

  /** Waits until no run is active or queued. */
  async function idle(): Promise<void> {
    for (let quiet = 0; quiet < 6; await sleep(500)) {
      quiet = (await account.runs(machine)).some((run) => run.status === 'RUNNING') ? 0 : quiet + 1;
    }
  }

  async function put(source: string, records: readonly (object | string)[]): Promise<void> {
    const asked = new PutRecordsCommand({
      StreamName: clicks.stream(source),
      Records: records.map((record, i) => ({
        Data: Buffer.from(typeof record === 'string' ? record : JSON.stringify(record)),
        PartitionKey: String(i),
      })),
    });
    expect((await kinesisClient(region).send(asked)).FailedRecordCount).toBe(0);
  }

  /** Takes the keys of failed records from their queue. */
  async function messages(): Promise<string[]> {
    const sqs = new SQSClient({ region });
    const QueueName = clicks.deadLetters('streams');
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    return Messages.map(({ Body }) => (JSON.parse(Body!) as ObjectCreated).detail.object.key).sort();
  }

  async function keys(prefix: string): Promise<string[]> {
    const { Contents = [] } = await new S3Client({ forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: names.bucket('raw'), Prefix: prefix }),
    );
    return Contents.map(({ Key }) => Key!).sort();
  }

  /** The rows of a Delta table; none if there is no table. */
  async function table<Row>(name: string): Promise<Row[]> {
    const place = `s3://${names.bucket('lake')}/lake/clicks/${name}`;
    const { stdout } = await promisify(execFile)(await pythonOf('sail'), ['-c', rowsOfTable, place], { cwd: engine });
    return JSON.parse(stdout) as Row[];
  }
});

interface Rejected {
  rawData: string;
}

interface ObjectCreated {
  detail: { object: { key: string } };
}

const rowsOfTable = `
import json, sys
from deltalake import DeltaTable
from engine.tables_laptop import rows_of
place = sys.argv[1]
rows = rows_of(place).to_pylist() if DeltaTable.is_deltatable(place) else []
print(json.dumps(rows, default=str))
`;

async function eventually<T>(look: () => Promise<T | undefined>, seconds = 100): Promise<T> {
  for (const until = Date.now() + seconds * 1000; ; await sleep(1000)) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > until) throw new Error(`what was waited for did not come within ${seconds} s`);
  }
}
