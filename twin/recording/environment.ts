import { environments } from '../../environments.ts';
import type { Environment } from '../../lib/environment/environment.ts';

/** The environment whose roles are recorded: `twin`, with a schedule that does not fire by itself during the recording. */
export const recorded: Environment = { ...environments.twin, schedule: 'cron(0 3 1 1 ? *)' };
