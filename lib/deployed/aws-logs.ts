import { signedCalls } from '../aws/signed.ts';
import type { LogLine, LogPort } from './ports.ts';

interface Page {
  events?: { timestamp?: number; message?: string }[];
  nextToken?: string;
}

/** CloudWatch Logs of a region. */
export function awsLogs(region: string): LogPort {
  const calls = signedCalls(region);
  return {
    async lines({ part, group }, from, to, only): Promise<LogLine[]> {
      const lines: LogLine[] = [];
      let nextToken: string | undefined;
      do {
        const page = (await calls
          .json('logs', 'Logs_20140328.FilterLogEvents', {
            logGroupName: group,
            startTime: from,
            endTime: to,
            ...(only && { logStreamNamePrefix: only.streams, filterPattern: JSON.stringify(only.text) }),
            ...(nextToken && { nextToken }),
          })
          .catch((error: Error) => {
            // A part that has not run yet may have no group.
            if (error.name === 'ResourceNotFoundException') return {};
            throw error;
          })) as Page;
        for (const { timestamp = 0, message = '' } of page.events ?? []) {
          lines.push({ at: new Date(timestamp).toISOString(), part, text: message.trimEnd() });
        }
        nextToken = page.nextToken;
      } while (nextToken !== undefined);
      return lines;
    },
  };
}
