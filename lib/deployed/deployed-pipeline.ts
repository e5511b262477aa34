import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { fault } from '../aws/faults.ts';
import type { Environment } from '../environment/environment.ts';
import { namesOf, type PipelineNames } from '../environment/names.ts';
import type { FunctionVariables as Variables } from '../functions/variables.ts';
import { suggestion } from '../plan/suggest.ts';

/** A deployed pipeline, with the environment variables of its functions, which hold the locations of its resources. */
export interface Deployed {
  environment: Environment;
  pipeline: string;
  account: string;
  names: PipelineNames;
  variables: Omit<Variables, 'SCHEDULE_NAME'>;
}

/** Sets the region of all later clients to the environment's, regardless of the caller's profile. */
export function useRegionOf({ region }: Pick<Environment, 'region'>): void {
  process.env['AWS_REGION'] = region;
}

/** Throws MR692 if it is not deployed, MR697 if the environment belongs to another account. */
export async function deployedPipeline(environment: Environment, pipeline: string): Promise<Deployed> {
  const { name, pipelines, region } = environment;
  if (!pipelines.includes(pipeline)) {
    const message = `the environment ${name} has no pipeline "${pipeline}"`;
    throw fault('MR692', `environments.ts  ${name}.pipelines`, message, suggestion(pipeline, pipelines), 2);
  }
  useRegionOf(environment);
  const names = namesOf(environment).pipeline(pipeline);
  const request = new GetFunctionConfigurationCommand({ FunctionName: names.function('trigger') });
  const found = await new LambdaClient({ region }).send(request).catch((error: Error) => {
    if (error.name !== 'ResourceNotFoundException') throw error;
    const message = `${pipeline} is not deployed to ${name} (${region})`;
    throw fault('MR692', names.function('trigger'), message, `run \`npm run deploy -- --env ${name}\``, 5);
  });
  const account = found.FunctionArn!.split(':')[4]!;
  refuseOtherAccount(environment, account);
  return { environment, pipeline, account, names, variables: found.Environment?.Variables as unknown as Variables };
}

/** Throws MR697 if the environment has another account than the caller. */
export function refuseOtherAccount({ name, account }: Environment, callers: string): void {
  if (account === undefined || account === callers) return;
  const message = `the credentials belong to account ${callers}, but ${name} belongs to account ${account}`;
  throw fault('MR697', `environments.ts  ${name}.account`, message, 'set AWS_PROFILE to a profile of that account', 5);
}
