import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fault } from '../aws/faults.ts';
import { refuseOtherAccount } from '../deployed/deployed-pipeline.ts';
import type { Environment } from '../environment/environment.ts';

/** What is asked of an account before anything is deployed to it. */
export interface AccountPort {
  /** Number of the account that the credentials are of. */
  identity(): Promise<string>;
  /** Outputs of a stack by key, undefined where there is no such stack. */
  outputs(stack: string): Promise<Record<string, string> | undefined>;
  /** The template of a stack as it was deployed, undefined where there is no such stack. */
  template(stack: string): Promise<unknown>;
}

/** Credentials of a role that was assumed. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** The account under the caller's own credentials, unless others are given. */
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
      const asked = new GetTemplateCommand({ StackName, TemplateStage: 'Original' });
      const body = (await cloudFormation.send(asked).catch(missing))?.TemplateBody;
      return body === undefined ? undefined : (JSON.parse(body) as unknown);
    },
  };
}

/** What the templates of this aws-cdk-lib ask of a bootstrap stack. */
const leastBootstrap = 6;

/**
 * What would make a deploy fail after minutes, found before it begins; returns the account. Throws MR697 (another account), MR698
 * (another region), MR699 (not bootstrapped, or too long ago).
 */
export async function checkAccount(
  environment: Environment,
  port: AccountPort,
  variables: NodeJS.ProcessEnv,
): Promise<string> {
  const { name, region } = environment;
  const set = ['AWS_REGION', 'AWS_DEFAULT_REGION'].find((each) => variables[each] && variables[each] !== region);
  if (set !== undefined) {
    const message = `${set} is ${variables[set]}, ${name} is in ${region}`;
    throw fault('MR698', `environments.ts  ${name}.region`, message, `unset ${set}, or set it to ${region}`, 5);
  }
  const account = await port.identity();
  refuseOtherAccount(environment, account);
  const bootstrap = `aws://${account}/${region}`;
  const outputs = await port.outputs('CDKToolkit');
  const hint = `run \`npx cdk bootstrap ${bootstrap} --context env=${name}\``;
  if (outputs === undefined) throw fault('MR699', bootstrap, 'the account is not bootstrapped for CDK', hint, 5);
  const version = Number(outputs['BootstrapVersion'] ?? 0);
  if (version < leastBootstrap) {
    const message = `the bootstrap stack is of version ${version}, at least ${leastBootstrap} is needed`;
    throw fault('MR699', bootstrap, message, hint, 5);
  }
  return account;
}
