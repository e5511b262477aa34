import { type ExitCode, type Issue, MillraceError } from '../errors.ts';

/** One issue as an error. */
export const fault = (code: string, path: string, message: string, hint: string, exitCode: ExitCode = 1) =>
  new MillraceError([{ code, path, message, hint }], exitCode);

/** Whether AWS denied the action. */
export const isDenied = (error: unknown): error is Error =>
  /^AccessDenied|^Unauthorized|^NotAuthorized/.test((error as Error | undefined)?.name ?? '');

const unreachable = ['ENOTFOUND', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT', 'EAI_AGAIN'];

/** An AWS or network error as an issue; undefined for any other error. `place` names the target of the call. */
export function awsIssue(error: unknown, place: string): Issue | undefined {
  const { name, message, code, cause } = error as Error & { code?: unknown };
  if (
    name === 'CredentialsProviderError' ||
    name === 'UnrecognizedClientException' ||
    name === 'InvalidClientTokenId'
  ) {
    const profile = process.env['AWS_PROFILE'];
    const none =
      profile === undefined ? 'there are no AWS credentials' : `the profile ${profile} has no AWS credentials`;
    const what = name === 'CredentialsProviderError' ? none : 'AWS does not recognise these credentials';
    const hint =
      profile === undefined
        ? 'sign in (`aws sso login`), or set AWS_PROFILE'
        : `sign in (\`aws sso login --profile ${profile}\`), or set AWS_PROFILE to another`;
    return { code: 'MR690', path: place, message: what, hint };
  }
  if (/^(Expired|TokenRefresh)/.test(name)) {
    return {
      code: 'MR690',
      path: place,
      message: 'the AWS credentials have expired',
      hint: 'sign in again (`aws sso login`)',
    };
  }
  if (isDenied(error)) {
    return {
      code: 'MR691',
      path: place,
      message,
      hint: 'assume a role with this permission, or ask the administrator of the account',
    };
  }
  const network = [code, (cause as { code?: unknown } | undefined)?.code].find((each) =>
    unreachable.includes(String(each)),
  );
  if (network !== undefined || name === 'TimeoutError') {
    const hint = 'check the network connection, the proxy and AWS_ENDPOINT_URL';
    return { code: 'MR693', path: place, message: `AWS does not respond (${String(network ?? name)})`, hint };
  }
  return undefined;
}

/** Runs an action on AWS. Throws MR690 to MR693 for errors that a user can fix; rethrows any other error. */
export async function onAws<T>(place: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    const issue = awsIssue(error, place);
    throw issue === undefined ? error : new MillraceError([issue], 5);
  }
}
