import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { fault, isDenied } from '../aws/faults.ts';
import { type Bootstrap, type BootstrapRole, bootstrapRoleArn } from '../environment/bootstrap.ts';
import type { Environment } from '../environment/environment.ts';
import { type AccountPort, awsAccount, type SessionCredentials } from './account.ts';

export interface ReachedAccount extends AccountPort {
  /** Whether the caller's credentials belong to this account. */
  isOwn(): Promise<boolean>;
}

/** Credentials of a role, for an hour. Throws the AWS error if the caller cannot assume it. */
export const assumedRole = (region: string, roleArn: string): Promise<SessionCredentials> =>
  fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'millrace', DurationSeconds: 3600 },
    clientConfig: { region },
  })();

/**
 * Reads the account of an environment as the caller. If the caller is denied or in another account, it assumes the lookup role that
 * `cdk bootstrap` created there, as a delivery build must. Throws MR620 if both fail. `identity` returns the environment's account if
 * the caller reaches it, otherwise the caller's.
 */
export function reachedAccount(
  { account, region }: Pick<Environment, 'account' | 'region'>,
  { qualifier }: Bootstrap,
): ReachedAccount {
  const asCaller = awsAccount(region);
  const caller = once(() => asCaller.identity());
  const roleArn = async (role: BootstrapRole) =>
    bootstrapRoleArn(role, { qualifier, partition: partitionOf(region), account: account ?? (await caller()), region });
  const lookup = once(async () => {
    const role = await roleArn('lookup');
    const port = await assumedRole(region, role).then(
      (credentials) => awsAccount(region, credentials),
      (error: unknown) => {
        if (!isDenied(error)) throw error;
        return undefined;
      },
    );
    return { role, port };
  });
  const isElsewhere = async () => account !== undefined && account !== (await caller());

  /** Acts as the caller. If the caller is denied or in another account, acts as `other`. */
  const actAs =
    (other: () => Promise<AccountPort>) =>
    async <T>(action: (port: AccountPort) => Promise<T>): Promise<T> => {
      if (!(await isElsewhere())) {
        try {
          return await action(asCaller);
        } catch (error) {
          if (!isDenied(error)) throw error;
        }
      }
      return action(await other());
    };
  const readFrom = actAs(async () => {
    const { port, role } = await lookup();
    if (port !== undefined) return port;
    const message = 'these credentials can neither read the account nor assume the CDK bootstrap lookup role';
    throw fault('MR620', role, message, 'allow them to assume that role, which `npx cdk bootstrap` creates', 5);
  });
  const changeAs = actAs(once(async () => awsAccount(region, await assumedRole(region, await roleArn('deploy')))));
  return {
    isOwn: async () => !(await isElsewhere()),
    identity: async () => ((await isElsewhere()) && (await lookup()).port !== undefined ? account! : caller()),
    outputs: (stack) => readFrom((port) => port.outputs(stack)),
    template: (stack) => readFrom((port) => port.template(stack)),
    stacks: () => readFrom((port) => port.stacks()),
    remove: (stack) => changeAs((port) => port.remove(stack)),
    clusters: () => readFrom((port) => port.clusters()),
  };
}

export const partitionOf = (region: string) =>
  region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';

function once<T>(action: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined;
  return () => {
    done ??= action();
    return done;
  };
}
