import {
  CloudWatchLogsClient,
  paginateFilterLogEvents,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogLine, LogPort } from './ports.ts';

/** CloudWatch Logs of a region. */
export function awsLogs(region: string): LogPort {
  const client = new CloudWatchLogsClient({ region });
  return {
    async lines({ part, group }, from, to, only): Promise<LogLine[]> {
      const lines: LogLine[] = [];
      const request = {
        logGroupName: group,
        startTime: from,
        endTime: to,
        ...(only && { logStreamNamePrefix: only.streams, filterPattern: JSON.stringify(only.text) }),
      };
      try {
        for await (const { events = [] } of paginateFilterLogEvents({ client }, request)) {
          for (const { timestamp = 0, message = '' } of events) {
            lines.push({ at: new Date(timestamp).toISOString(), part, text: message.trimEnd() });
          }
        }
      } catch (error) {
        // A component that has not run yet may have no log group.
        if (!(error instanceof ResourceNotFoundException)) throw error;
      }
      return lines;
    },
  };
}
