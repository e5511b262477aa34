import {
  CloudFormationClient,
  DeleteStackCommand,
  DescribeStacksCommand,
  GetTemplateCommand,
  paginateDescribeStacks,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { ClusterState, EMRClient, paginateListClusters } from '@aws-sdk/client-emr';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fault } from '../aws/faults.ts';
import { refuseOtherAccount } from '../deployed/deployed-pipeline.ts';
import type { Bootstrap } from '../environment/bootstrap.ts';
import type { Environment } from '../environment/environment.ts';

/** A stack that exists, whatever its state. */
export interface StackFound {
  name: string;
  created: Date;
  tags: Record<string, string>;
}

/** Reads an account before a deploy, and takes stacks down. */
export interface AccountPort {
  /** Id of the account of the credentials. */
  identity(): Promise<string>;
  /** Outputs of a stack by key; undefined if there is no such stack. */
  outputs(stack: string): Promise<Record<string, string> | undefined>;
  /** The deployed template of a stack; undefined if there is no such stack. */
  template(stack: string): Promise<unknown>;
  /** All stacks of the region. */
  stacks(): Promise<StackFound[]>;
  /** Deletes a stack and waits for its end. Throws MR708 if a resource cannot be deleted. */
  remove(stack: string): Promise<void>;
  /** Names of the EMR clusters that are alive. */
  clusters(): Promise<string[]>;
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
    stacks: async () => {
      const found: StackFound[] = [];
      for await (const { Stacks = [] } of paginateDescribeStacks({ client: cloudFormation }, {})) {
        for (const { StackName = '', StackStatus, CreationTime = new Date(0), Tags = [] } of Stacks) {
          // A change set that was never executed leaves a stack without resources.
          if (StackStatus === 'REVIEW_IN_PROGRESS' || StackStatus === 'DELETE_COMPLETE') continue;
          const tags = Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
          found.push({ name: StackName, created: CreationTime, tags });
        }
      }
      return found;
    },
    remove: async (StackName) => {
      await cloudFormation.send(new DeleteStackCommand({ StackName }));
      try {
        await waitUntilStackDeleteComplete({ client: cloudFormation, maxWaitTime: deletionSeconds }, { StackName });
      } catch {
        const found = await cloudFormation.send(new DescribeStacksCommand({ StackName })).catch(missing);
        if (found === undefined) return;
        const { StackStatus, StackStatusReason } = found.Stacks?.[0] ?? {};
        const message = `the stack could not be deleted: ${StackStatusReason ?? StackStatus}`;
        throw fault('MR708', StackName, message, 'see its events in CloudFormation, then run it again');
      }
    },
    clusters: async () => {
      const names: string[] = [];
      for await (const page of paginateListClusters({ client: new EMRClient(settings) }, { ClusterStates: alive }))
        names.push(...(page.Clusters ?? []).map(({ Name = '' }) => Name));
      return names;
    },
  };
}

/** The longest wait for a stack's deletion. A network takes the longest: some 20 minutes for its endpoints. */
const deletionSeconds = 3600;
const alive = [ClusterState.STARTING, ClusterState.BOOTSTRAPPING, ClusterState.RUNNING, ClusterState.WAITING];

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
