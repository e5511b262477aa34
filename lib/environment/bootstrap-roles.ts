/** Roles that `cdk bootstrap` makes in an account and region: what deploys there, what puts assets there, and what reads there. */
export type BootstrapRole = 'deploy' | 'file-publishing' | 'lookup';

/** ARN of such a role, under the qualifier that `cdk bootstrap` takes unless told, as our stacks do. */
export const bootstrapRoleArn = (
  role: BootstrapRole,
  { partition = 'aws', account, region }: { partition?: string; account: string; region: string },
) => `arn:${partition}:iam::${account}:role/cdk-hnb659fds-${role}-role-${account}-${region}`;
