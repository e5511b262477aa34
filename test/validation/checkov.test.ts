import { expect, test } from 'vitest';
import { judge, unusedReasons } from '../../validation/checkov.ts';

const failed = (check_id: string, resource: string) => ({
  check_id,
  check_name: 'a name',
  file_path: '/a.template.json',
  resource,
});
const report = (...failed_checks: ReturnType<typeof failed>[]) => ({
  results: { failed_checks },
  summary: { passed: 3, parsing_errors: 0 },
});

test('a finding with a reason is none, and its reason is used', () => {
  const used = new Set<string>();
  expect(judge(report(failed('CKV_AWS_18', 'AWS::S3::Bucket.AccessLogsBucket1')), 1, used)).toEqual([]);
  expect([...used]).toEqual(['CKV_AWS_18']);
  expect(unusedReasons(used).join('\n')).not.toContain('CKV_AWS_18');
  expect(unusedReasons(used).length).toBeGreaterThan(0);
});

test('another resource needs another reason', () => {
  expect(judge(report(failed('CKV_AWS_18', 'AWS::S3::Bucket.RawBucket1')), 1, new Set())).toEqual([
    'a.template.json: AWS::S3::Bucket.RawBucket1: CKV_AWS_18 a name',
  ]);
});

test('a reason for the emulator is none for another environment', () => {
  const job = (template: string) => ({ ...failed('CKV_AWS_195', 'AWS::Glue::Job.EngineJob1'), file_path: template });
  expect(judge(report(job('/x/millrace-twin-pipeline-churn.template.json')), 1, new Set())).toEqual([]);
  expect(judge(report(job('/x/millrace-prod-pipeline-churn.template.json')), 1, new Set())).toHaveLength(1);
});

test('templates that checkov could not read are a fault', () => {
  const unread = { results: { failed_checks: [] }, summary: { passed: 3, parsing_errors: 1 } };
  expect(judge([report(), unread], 2, new Set())).toEqual([expect.stringContaining('1 errors')]);
  expect(judge([], 2, new Set())).toEqual([expect.stringContaining('did not read all 2 templates')]);
});
