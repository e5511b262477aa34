import { cdk } from '../../lib/deploy/cdk.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** Runs `cdk ...args`. */
type Cdk = (...args: string[]) => Promise<void>;

/** The real CDK CLI, talking to the twin, its output in the log. It throws with its last lines where it fails. */
export function cdkOn(environment: Record<string, string>, output: string, logFile: string): Cdk {
  // One full validation by the rules is a test of its own; here it would take most of the time.
  const variables = { ...environment, CDK_VALIDATION: 'false', CI: 'true' };
  return (...args) => cdk(args, { projectFolder, env: 'twin', output, quiet: true, variables, logFile });
}
