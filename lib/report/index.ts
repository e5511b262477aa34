export type { ReportModel } from './model-view.ts';
export { renderReport } from './page.ts';
