import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fault } from '../aws/faults.ts';
import { refuseOtherAccount } from '../deployed/deployed-pipeline.ts';
import type { Bootstrap } from '../environment/bootstrap.ts';
import type { Environment } from '../environment/environment.ts';

/** Reads an account before a deploy. */
export interface AccountPort {
  /** Id of the account of the credentials. */
  identity(): Promise<string>;
  /** Outputs of a stack by key; undefined if there is no such stack. */
  outputs(stack: string): Promise<Record<string, string> | undefined>;
  /** The deployed template of a stack; undefined if there is no such stack. */
  template(stack: string): Promise<unknown>;
}

/** Credentials of an assumed role. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The account, read with the given credentials; default: the caller's. */
export function awsAccount(region: string, credentials?: SessionCredentials): AccountPort {
  const settings = { region, ...(credentials && { credentials }) };
  const sts = new STSClient(settings);
  const cloudFormation = new CloudFormationClient(settings);
  const missing = (error: Error) => {
    if (error.name === 'ValidationError' && error.message.includes('does not exist')) return undefined;
    throw error;
  };
  return {
    identity: async () => (await sts.send(new GetCallerIdentityCommand({}))).Account!,
    outputs: async (StackName) => {
      const found = await cloudFormation.send(new DescribeStacksCommand({ StackName })).catch(missing);
      if (found === undefined) return undefined;
      const { Outputs = [] } = found.Stacks?.[0] ?? {};
      return Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
    },
    template: async (StackName) => {
      const request = new GetTemplateCommand({ StackName, TemplateStage: 'Original' });
      const body = (await cloudFormation.send(request).catch(missing))?.TemplateBody;
      return body === undefined ? undefined : (JSON.parse(body) as unknown);
    },
  };
}

/** The minimum bootstrap version for the templates of this aws-cdk-lib. */
const leastBootstrap = 6;

/**
 * Finds problems that would fail a deploy after minutes, before it starts; returns the account id. Throws MR697 (wrong account), MR698
 * (wrong region), MR699 (not bootstrapped, or an old bootstrap).
 */
export async function checkAccount(
  environment: Environment,
  port: AccountPort,
  variables: NodeJS.ProcessEnv,
  bootstrap: Bootstrap,
): Promise<string> {
  const { name, region } = environment;
  const set = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((each) => variables[each] && variables[each] !== region);
  if (set !== undefined) {
    const message = `${set} is ${variables[set]}, but ${name} is in ${region}`;
    throw fault('MR698', `environments.ts  ${name}.region`, message, `unset ${set}, or set it to ${region}`, 5);
  }
  const account = await port.identity();
  refuseOtherAccount(environment, account);
  const place = `aws://${account}/${region}`;
  const outputs = await port.outputs(bootstrap.stack);
  const hint = `run \`npx cdk bootstrap ${place} --context env=${name}\``;
  if (outputs === undefined) throw fault('MR699', place, 'the account is not bootstrapped for CDK', hint, 5);
  const version = Number(outputs['BootstrapVersion'] ?? 0);
  if (version < leastBootstrap) {
    const message = `the bootstrap stack has version ${version}; at least ${leastBootstrap} is required`;
    throw fault('MR699', place, message, hint, 5);
  }
  return account;
}
