import { LakeAccess } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { churn } from '../../stacks/synthesised.ts';
import { account, keyArn, onlyOf, plainStack, propertiesOf, resourcesFor, statementsIn } from '../alone.ts';

const analysts = `arn:aws:iam::${account}:role/analysts`;
const { stack, key } = plainStack();
new LakeAccess(stack, 'Access', {
  plans: [churn],
  databaseName: (pipeline) => `acme_${pipeline}`,
  lakeBucketName: 'acme-lake',
  key,
  readers: [{ roleArn: analysts, layers: ['gold'] }],
});
const grants = propertiesOf(stack, 'AWS::LakeFormation::PrincipalPermissions');
const ofTables = grants.filter(({ Resource }) => Resource.Table !== undefined);

test('a reader is granted the tables of its layers and no other', () => {
  const gold = churn.tasks.flatMap((task) =>
    task.kind === 'predict' ? [task.table] : task.kind === 'transform' && task.layer === 'gold' ? [task.name] : [],
  );
  expect(gold.length).toBeGreaterThan(1);
  expect(ofTables.map(({ Resource }) => Resource.Table.Name).sort()).toEqual(gold.sort());
  for (const { Principal, Permissions, PermissionsWithGrantOption } of ofTables) {
    expect(Principal).toEqual({ DataLakePrincipalIdentifier: analysts });
    expect(Permissions).toEqual(['DESCRIBE', 'SELECT']);
    expect(PermissionsWithGrantOption).toEqual([]);
  }
});

test('it may see that there is the database, and not what else is in it', () => {
  expect(grants.filter(({ Resource }) => Resource.Database !== undefined)).toMatchObject([
    { Resource: { Database: { CatalogId: account, Name: 'acme_churn' } }, Permissions: ['DESCRIBE'] },
  ]);
});

test("Lake Formation hands out credentials for the pipeline's folder, by a role that only reads there", () => {
  expect(onlyOf(stack, 'AWS::LakeFormation::Resource')).toMatchObject({
    ResourceArn: 'arn:aws:s3:::acme-lake/lake/churn',
    UseServiceLinkedRole: false,
  });
  expect(resourcesFor(stack, 's3:GetObject')).toEqual(['arn:aws:s3:::acme-lake/lake/churn/*']);
  expect(resourcesFor(stack, 'kms:Decrypt')).toEqual([keyArn]);
  const writing = statementsIn(stack).flatMap(({ Action }) => [Action].flat().filter((a) => /Put|Delete/.test(a)));
  expect(writing).toEqual([]);
});
