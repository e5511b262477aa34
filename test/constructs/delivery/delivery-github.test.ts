import { DeliveryGithub } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { onlyOf, plainStack, statementsIn } from '../alone.ts';

const { stack } = plainStack();
new DeliveryGithub(stack, 'Github', {
  roleName: 'acme-github',
  repository: 'acme/lake',
  environments: ['staging', 'prod'],
  permissions: [{ actions: ['sts:AssumeRole'], resources: ['arn:aws:iam::111122223333:role/deploy'] }],
});

test('only jobs of the repository for one of the environments get the role, for an hour', () => {
  const { RoleName, MaxSessionDuration, AssumeRolePolicyDocument } = onlyOf(stack, 'AWS::IAM::Role');
  expect([RoleName, MaxSessionDuration]).toEqual(['acme-github', 3600]);
  expect(AssumeRolePolicyDocument.Statement).toMatchObject([
    {
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': [
            'repo:acme/lake:environment:staging',
            'repo:acme/lake:environment:prod',
          ],
        },
      },
    },
  ]);
});

test("GitHub's tokens are trusted, and the role may do what it is granted", () => {
  expect(onlyOf(stack, 'AWS::IAM::OIDCProvider')).toMatchObject({
    Url: 'https://token.actions.githubusercontent.com',
    ClientIdList: ['sts.amazonaws.com'],
  });
  expect(statementsIn(stack)).toEqual([
    { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: 'arn:aws:iam::111122223333:role/deploy' },
  ]);
});
