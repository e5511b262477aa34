import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { awsLogs } from '../../lib/deployed/aws-logs.ts';
import { type AnsweringServer, answeringServer } from '../aws/answering-server.ts';

describe('the log of a part', () => {
  const group = { part: 'engine', group: 'g' };
  let server: AnsweringServer;
  beforeEach(async () => {
    server = await answeringServer();
  });
  afterEach(() => server.close());

  test('is read to its last page, and is empty if the group does not exist', async () => {
    server.answers.push(
      { status: 200, body: '{"events":[{"timestamp":1,"message":"a\\n"}],"nextToken":"2"}' },
      { status: 200, body: '{"events":[],"nextToken":"3"}' },
      { status: 200, body: '{"events":[{"timestamp":2,"message":"b"}]}' },
      { status: 400, body: '{"__type":"ResourceNotFoundException"}' },
    );
    const logs = awsLogs('eu-central-1');
    expect(await logs.lines(group, 0, 10)).toEqual([
      { at: '1970-01-01T00:00:00.001Z', part: 'engine', text: 'a' },
      { at: '1970-01-01T00:00:00.002Z', part: 'engine', text: 'b' },
    ]);
    const second = JSON.parse(server.asked[1]!.body) as unknown;
    expect(second).toMatchObject({ logGroupName: 'g', nextToken: '2', startTime: 0, endTime: 10 });
    expect(await logs.lines(group, 0, 10)).toEqual([]);
  });

  test('can be filtered by stream and text', async () => {
    server.answers.push({ status: 200, body: '{"events":[]}' });
    expect(await awsLogs('eu-central-1').lines(group, 0, 10, { streams: 'jr_1', text: 'task.failed' })).toEqual([]);
    const asked = JSON.parse(server.asked[0]!.body) as unknown;
    expect(asked).toMatchObject({ logStreamNamePrefix: 'jr_1', filterPattern: '"task.failed"' });
  });

  test("that the caller may not read is refused under AWS's name for the error", async () => {
    server.answers.push({ status: 400, body: '{"__type":"com.amazonaws#AccessDeniedException","Message":"no"}' });
    const asked = awsLogs('eu-central-1').lines(group, 0, 10);
    await expect(asked).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'no' });
  });
});
