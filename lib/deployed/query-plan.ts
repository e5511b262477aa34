import { getText } from '../aws/s3.ts';
import type { Deployed } from './deployed-pipeline.ts';

/** The query plan of a task of a run, if it has one. */
export function queryPlan({ variables }: Deployed, run: string, task: string): Promise<string | undefined> {
  return getText({ bucket: variables.LAKE_BUCKET, key: `runs/${run}/tasks/${task}.plan.txt` });
}
