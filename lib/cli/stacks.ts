import type { ReachedAccount } from '../deploy/account-access.ts';
import type { LeftoverStack } from '../deploy/leftover-stacks.ts';
import type { Stream } from './terminal.ts';

/** Deletes stacks one after the other. */
export async function removed(
  stacks: readonly Pick<LeftoverStack, 'stack'>[],
  account: Pick<ReachedAccount, 'remove'>,
  err: Stream,
): Promise<void> {
  for (const { stack } of stacks) {
    err.write(`deleting ${stack} ...\n`);
    await account.remove(stack);
  }
}

/** Whether the user answers with yes. */
export async function says(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(question)).trim());
  } finally {
    lines.close();
  }
}
