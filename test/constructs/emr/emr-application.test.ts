import { EmrApplication } from 'millrace/constructs';
import { expect, test } from 'vitest';
import { onlyOf, plainStack } from '../alone.ts';

test('an application starts with a job, stops when idle and grows up to its limit', () => {
  const { stack } = plainStack();
  new EmrApplication(stack, 'Application', { name: 'acme', maxVcpus: 64 });
  expect(onlyOf(stack, 'AWS::EMRServerless::Application')).toEqual({
    Name: 'acme',
    Type: 'SPARK',
    ReleaseLabel: 'emr-7.12.0',
    Architecture: 'X86_64',
    AutoStartConfiguration: { Enabled: true },
    AutoStopConfiguration: { Enabled: true, IdleTimeoutMinutes: 5 },
    MaximumCapacity: { Cpu: '64 vCPU', Memory: '256 GB', Disk: '1280 GB' },
  });
});
