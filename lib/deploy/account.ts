import { fault } from '../aws/faults.ts';
import { element, type SignedCalls } from '../aws/signed.ts';
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

export function awsAccount(calls: SignedCalls): AccountPort {
  const missing = (error: Error) => {
    if (error.name === 'ValidationError' && error.message.includes('does not exist')) return undefined;
    throw error;
  };
  return {
    identity: async () => {
      const xml = await calls.query('sts', { Action: 'GetCallerIdentity', Version: '2011-06-15' });
      return element(xml, 'Account')!;
    },
    outputs: async (stack) => {
      const asked = { Action: 'DescribeStacks', Version: '2010-05-15', StackName: stack };
      const xml = await calls.query('cloudformation', asked).catch(missing);
      if (xml === undefined) return undefined;
      const listed = [...(element(xml, 'Outputs') ?? '').matchAll(/<member>[\s\S]*?<\/member>/g)];
      return Object.fromEntries(
        listed.map(([member]) => [element(member, 'OutputKey') ?? '', element(member, 'OutputValue') ?? '']),
      );
    },
    template: async (stack) => {
      const asked = { Action: 'GetTemplate', Version: '2010-05-15', StackName: stack, TemplateStage: 'Original' };
      const xml = await calls.query('cloudformation', asked).catch(missing);
      const body = xml === undefined ? undefined : element(xml, 'TemplateBody');
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
