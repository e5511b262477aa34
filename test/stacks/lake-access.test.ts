import { describe, expect, test } from 'vitest';
import { environments } from '../../environments.ts';
import { environmentIssues } from '../../lib/environment/environment.ts';
import { analysts, churn, resources, synthesised } from './synthesised.ts';

const template = synthesised('prod', { readers: [analysts] }).templates['data']!;

describe('readers by Lake Formation', () => {
  test('see only the tables of their layers', () => {
    const grants = Object.values(resources(template, 'AWS::LakeFormation::PrincipalPermissions'));
    const of = (name: string) => grants.filter(({ Properties }) => name in Properties.Resource);
    expect(new Set(grants.map(({ Properties }) => Properties.Principal.DataLakePrincipalIdentifier))).toEqual(
      new Set([analysts.roleArn]),
    );
    expect(of('Database').map(({ Properties }) => Properties.Permissions)).toEqual([['DESCRIBE']]);
    const tables = of('Table').map(({ Properties }) => [Properties.Resource.Table.Name, Properties.Permissions]);
    expect(Object.fromEntries(tables)).toEqual({
      region_churn: ['DESCRIBE', 'SELECT'],
      churn_features: ['DESCRIBE', 'SELECT'],
      predictions: ['DESCRIBE', 'SELECT'],
    });
    expect(grants.every(({ Properties }) => Properties.PermissionsWithGrantOption.length === 0)).toBe(true);
  });

  test('get credentials for the folder of the tables by a read-only role', () => {
    const [location] = Object.values(resources(template, 'AWS::LakeFormation::Resource'));
    expect(JSON.stringify(location!.Properties.ResourceArn)).toContain(`/lake/${churn.pipeline}"`);
    expect(location!.Properties.UseServiceLinkedRole).toBe(false);
    const policies = Object.values(resources(template, 'AWS::IAM::ManagedPolicy'));
    const actions = policies.flatMap(({ Properties }) =>
      Properties.PolicyDocument.Statement.flatMap((statement: { Action: string | string[] }) => statement.Action),
    );
    expect(actions.sort()).toEqual(['kms:Decrypt', 's3:GetObject', 's3:ListBucket']);
  });

  test('exist only if an environment names them, each a role', () => {
    const without = synthesised('prod').templates['data']!;
    expect(Object.keys(resources(without, 'AWS::LakeFormation::Resource'))).toEqual([]);
    const readers = [{ roleArn: 'analysts', layers: ['gold' as const] }];
    expect(environmentIssues({ ...environments.prod, readers })).toMatchObject([
      { code: 'MR603', message: '"analysts" is not a role ARN' },
    ]);
  });
});
