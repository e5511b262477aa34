import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import { fault, isDenied } from '../aws/faults.ts';
import { bootstrapRoleArn } from '../environment/bootstrap-roles.ts';
import type { Environment } from '../environment/environment.ts';
import { type AccountPort, awsAccount, type SessionCredentials } from './account.ts';

export interface ReachedAccount extends AccountPort {
  /** Whether the caller's credentials are of this account. */
  isOwn(): Promise<boolean>;
}

/** Credentials of a role, for an hour. Throws what AWS says where the caller may not have them. */
export const assumedRole = (region: string, roleArn: string): Promise<SessionCredentials> =>
  fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'millrace', DurationSeconds: 3600 },
    clientConfig: { region },
  })();

/**
 * The account of an environment, asked by the caller. What the caller may not read, and what is in another account, is asked by the
 * lookup role that `cdk bootstrap` made there: all that a delivery has is the right to assume such roles. Where the caller may do
 * neither: MR620. `identity` is the environment's account if the caller reaches it, else the caller's own.
 */
export function reachedAccount({ account, region }: Pick<Environment, 'account' | 'region'>): ReachedAccount {
  const own = awsAccount(region);
  const caller = once(() => own.identity());
  const lookup = once(async () => {
    const role = bootstrapRoleArn('lookup', {
      partition: partitionOf(region),
      account: account ?? (await caller()),
      region,
    });
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

  const asked = async <T>(read: (port: AccountPort) => Promise<T>): Promise<T> => {
    if (!(await isElsewhere())) {
      try {
        return await read(own);
      } catch (error) {
        if (!isDenied(error)) throw error;
      }
    }
    const { port, role } = await lookup();
    if (port !== undefined) return read(port);
    const message = 'the credentials may not read the account, nor take the role that may';
    throw fault('MR620', role, message, 'let them assume that role, which `npx cdk bootstrap` makes', 5);
  };
  return {
    isOwn: async () => !(await isElsewhere()),
    identity: async () => ((await isElsewhere()) && (await lookup()).port !== undefined ? account! : caller()),
    outputs: (stack) => asked((port) => port.outputs(stack)),
    template: (stack) => asked((port) => port.template(stack)),
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
