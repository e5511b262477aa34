import { copyPipeline } from '../../test/e2e/lab.ts';

/** Copies the churn pipeline with different SQL for its features: a window of 31 days. */
export const widerWindow = (folder: string): Promise<string> =>
  copyPipeline('churn', folder, {
    'feature/churn_features.sql': (text) =>
      text.replace('date_sub(:snapshot_date, 30)', 'date_sub(:snapshot_date, 31)'),
  });
