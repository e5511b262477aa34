/** Roles that `cdk bootstrap` creates in an account and region: to deploy, to publish assets, and to read. */
export type BootstrapRole = 'deploy' | 'file-publishing' | 'lookup';

/** ARN of such a role, with the default qualifier of `cdk bootstrap`, which our stacks use. */
export const bootstrapRoleArn = (
  role: BootstrapRole,
  { partition = 'aws', account, region }: { partition?: string; account: string; region: string },
) => `arn:${partition}:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`;
