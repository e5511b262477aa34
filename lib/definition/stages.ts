/** Stages, named by their task: `build` makes tables, `train` trains models, `predict` scores. */
export const stageNames = ['build', 'train', 'predict'] as const;

export type StageName = (typeof stageNames)[number];
