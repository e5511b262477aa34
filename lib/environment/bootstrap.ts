import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '../errors.ts';

/** What `cdk bootstrap` created in an account and region. */
export interface Bootstrap {
  /** Part of the names of its roles and its bucket. */
  qualifier: string;
  /** Its stack. */
  stack: string;
}

/** Context key of the qualifier, which CDK itself reads too. */
const qualifierKey = '@aws-cdk/core:bootstrapQualifier';

/** CDK's defaults. */
const usual: Bootstrap = { qualifier: 'hnb659fds', stack: 'CDKToolkit' };

interface CdkJson {
  toolkitStackName?: string;
  context?: Record<string, unknown>;
}

/** The context of the project's `cdk.json`, for every way to synthesise. Throws MR605 if the file is not JSON. */
export const cdkContext = (projectFolder: string): Record<string, unknown> => cdkJson(projectFolder).context ?? {};

/** The bootstrap that the project's `cdk.json` names, by default CDK's. Throws MR605 if the file is not JSON. */
export function bootstrapOf(projectFolder: string): Bootstrap {
  const { toolkitStackName: stack = usual.stack, context } = cdkJson(projectFolder);
  return { qualifier: qualifierIn((key) => context?.[key]), stack };
}

/** The qualifier in the context of a CDK app, by default CDK's. */
export function qualifierIn(context: (key: string) => unknown): string {
  const qualifier = context(qualifierKey);
  return typeof qualifier === 'string' ? qualifier : usual.qualifier;
}

function cdkJson(projectFolder: string): CdkJson {
  const file = path.join(projectFolder, 'cdk.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as CdkJson;
  } catch (error) {
    const message = `it is not readable as JSON: ${(error as Error).message}`;
    throw new MillraceError([{ code: 'MR605', path: file, message, hint: 'restore it from git, or correct it' }]);
  }
}

/** Roles that `cdk bootstrap` creates in an account and region: to deploy, to publish assets, and to read. */
export type BootstrapRole = 'deploy' | 'file-publishing' | 'lookup';

/** ARN of such a role. */
export const bootstrapRoleArn = (
  role: BootstrapRole,
  of: { qualifier: string; partition?: string; account: string; region: string },
) => {
  const { qualifier, partition = 'aws', account, region } = of;
  return `arn:${partition}:iam::${account}:role/cdk-${qualifier}-${role}-role-${account}-${region}`;
};
