import { expect, test } from 'vitest';
import type { Difference } from '../../../lib/deploy/diff/difference.ts';
import type { Widened } from '../../../lib/deploy/diff/permissions.ts';
import { differenceText } from '../../../lib/deploy/diff/text.ts';

const widened = (action: string): Widened => ({
  effect: 'Allow',
  who: 'app/Role',
  action,
  resource: '${Lake.Arn}/*',
  conditions: { 'StringEquals aws:SourceAccount': '1' },
  why: 'newly allowed',
});

const difference: Difference = {
  environment: 'dev',
  against: 'the account',
  changes: true,
  resources: {
    changes: [
      {
        change: 'replaced',
        stack: 'millrace-dev-data',
        id: 'Bookmarks',
        type: 'AWS::DynamoDB::Table',
        stateful: true,
        properties: ['TableName'],
      },
    ],
    unchanged: 79,
  },
  recompute: [{ pipeline: 'churn', task: 'churn_features', kind: 'transform', mode: 'full', why: 'changed SQL' }],
  judgedBy: 'the bookmarks',
  cost: [{ pipeline: 'churn', before: 10, after: 12, items: [{ what: 'Glue', before: 5, after: 7 }], warnings: [] }],
  permissions: [widened('s3:getobject'), widened('s3:putobject')],
  leftover: [],
};

test('a difference is printed in its parts', () => {
  expect(differenceText(difference)).toBe(`dev, compared with the account

Resources: 1 replaced, 79 unchanged
  !  millrace-dev-data  AWS::DynamoDB::Table  Bookmarks  TableName  HOLDS DATA

Data to recompute: 1 task
  churn.churn_features  full  changed SQL

Cost per month
  churn  $10.00 -> $12.00  (+20%)
    $5.00 -> $7.00  Glue

Permissions widened: 2 statements
  app/Role  s3:getobject, s3:putobject  (newly allowed)
      on \${Lake.Arn}/*
      when StringEquals aws:SourceAccount = 1
`);
});

test('stacks that the environment no longer has are named with their price and what deletes them', () => {
  const leftover = [
    { stack: 'millrace-dev-ingestion', resources: 9, stateful: ['AWS::Kinesis::Stream'], usdPerMonth: 13.2 },
    { stack: 'millrace-dev-network', resources: 1, stateful: [], usdPerMonth: undefined },
  ];
  expect(differenceText({ ...difference, leftover })).toContain(`
Left over: 2 stacks that dev no longer has
  millrace-dev-ingestion  9 resources, $13.20 a month if unused  HOLDS DATA (AWS::Kinesis::Stream)
  millrace-dev-network  1 resource
  try   npm run deploy -- --env dev --prune
`);
});

test('a first deployment is summed up by roles and numbers of permissions', () => {
  const first = differenceText({ ...difference, against: 'nothing' });
  expect(first).toContain('dev, compared with nothing: it is not deployed\n');
  expect(first).toContain('Data to recompute: nothing is deployed yet, so the first run computes everything\n');
  expect(first).toContain('Permissions widened: 2 statements\n  app/Role  2 statements\n');
});

test('recomputation is called a guess if the bookmarks could not be read', () => {
  const guessed = differenceText({ ...difference, judgedBy: 'the deployed plan' });
  expect(guessed).toContain(
    'Data to recompute: 1 task, assuming that all tasks of the deployed plan are done (these credentials cannot read the bookmarks)\n',
  );
  const local = differenceText({ ...difference, judgedBy: 'the deployed plan', against: 'the last deploy from here' });
  expect(local).toContain('Data to recompute: 1 task\n');
});
