import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signedCalls } from '../../lib/aws/signed.ts';
import { awsAccount } from '../../lib/deploy/account.ts';
import { awsLogs } from '../../lib/deployed/aws-logs.ts';

interface Asked {
  headers: IncomingMessage['headers'];
  body: string;
}

describe('a call of a service without a client', () => {
  let server: Server;
  let asked: Asked[];
  let answers: { status: number; body: string }[];
  const before = { ...process.env };

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => {
        body += chunk.toString('utf8');
      });
      request.on('end', () => {
        asked.push({ headers: request.headers, body });
        const answer = answers.shift() ?? { status: 404, body: '' };
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    });
  });
  afterEach(async () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    // Connections are kept alive, and closing would wait for them.
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('is signed for its service and region, and read as text', async () => {
    answers = [{ status: 200, body: '<R><Account>123456789012</Account></R>' }];
    expect(await awsAccount(signedCalls('eu-central-1')).identity()).toBe('123456789012');
    expect(asked[0]?.headers.authorization).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/sts\/aws4_request/,
    );
    expect(asked[0]?.body).toBe('Action=GetCallerIdentity&Version=2011-06-15');
  });

  test('reads outputs and templates of stacks, and knows one that is not there', async () => {
    const output = '<member><OutputKey>BootstrapVersion</OutputKey><OutputValue>28</OutputValue></member>';
    const missing =
      '<E><Error><Code>ValidationError</Code><Message>Stack with id x does not exist</Message></Error></E>';
    const account = awsAccount(signedCalls('eu-central-1'));
    answers = [
      { status: 200, body: `<R><Outputs>${output}</Outputs></R>` },
      { status: 400, body: missing },
      { status: 200, body: '<R><TemplateBody>{&quot;a&quot;: &quot;&lt;&#38;&#x3e;&amp;lt;&quot;}</TemplateBody></R>' },
      { status: 400, body: missing },
    ];
    expect(await account.outputs('x')).toEqual({ BootstrapVersion: '28' });
    expect(await account.outputs('x')).toBeUndefined();
    expect(await account.template('x')).toEqual({ a: '<&>&lt;' });
    expect(await account.template('x')).toBeUndefined();
  });

  test('is made again where AWS was too busy, and not where it said no', async () => {
    const calls = signedCalls('eu-central-1');
    answers = [
      { status: 400, body: '{"__type":"ThrottlingException","message":"slow down"}' },
      { status: 500, body: 'oops' },
      { status: 200, body: '{"ok":true}' },
    ];
    expect(await calls.json('glue', 'AWSGlue.GetJobRun', {})).toEqual({ ok: true });
    answers = [{ status: 400, body: '{"__type":"com.amazonaws#AccessDeniedException","Message":"no"}' }];
    await expect(calls.json('logs', 'x', {})).rejects.toMatchObject({ name: 'AccessDeniedException', message: 'no' });
    expect(asked.length).toBe(4);
  });

  test('reads all pages of a log, and nothing of a group that is not there', async () => {
    const logs = awsLogs('eu-central-1');
    answers = [
      { status: 200, body: '{"events":[{"timestamp":1,"message":"a\\n"}],"nextToken":"2"}' },
      { status: 200, body: '{"events":[{"timestamp":2,"message":"b"}]}' },
      { status: 400, body: '{"__type":"ResourceNotFoundException"}' },
    ];
    const group = { part: 'engine', group: 'g' };
    expect(await logs.lines(group, 0, 10)).toEqual([
      { at: '1970-01-01T00:00:00.001Z', part: 'engine', text: 'a' },
      { at: '1970-01-01T00:00:00.002Z', part: 'engine', text: 'b' },
    ]);
    expect(JSON.parse(asked[1]!.body)).toMatchObject({ logGroupName: 'g', nextToken: '2', startTime: 0, endTime: 10 });
    expect(await logs.lines(group, 0, 10)).toEqual([]);
  });
});
