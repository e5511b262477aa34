import { cdk } from '../../lib/deploy/cdk.ts';
import { projectFolder } from '../../lib/local/root.ts';

/** Runs `cdk ...args`. */
type Cdk = (...args: string[]) => Promise<void>;

/** The real CDK CLI, talking to the twin and writing to the log. If it fails, it throws with its last lines. */
export function cdkOn(environment: Record<string, string>, output: string, logFile: string): Cdk {
  // Without validation, which has its own test and would take most of the time here.
  const variables = { ...environment, CDK_VALIDATION: 'false', CI: 'true' };
  return (...args) => cdk(args, { projectFolder, env: 'twin', output, quiet: true, variables, logFile });
}
