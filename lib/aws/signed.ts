import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';

/** The few calls of services for which no client is installed. Credentials and signature are the SDK's own. */

/** An answer of AWS that is an error; `name` is its code, such as `ThrottlingException`. */
class AwsError extends Error {
  constructor(
    override readonly name: string,
    message: string,
  ) {
    super(message);
  }
}

export interface SignedCalls {
  /** An action of a service that speaks XML (STS, CloudFormation): the text of the answer. */
  query(service: 'sts' | 'cloudformation', parameters: Record<string, string>): Promise<string>;
  /** An action of a service that speaks JSON 1.1 (CloudWatch Logs, Glue); `target` as `Logs_20140328.FilterLogEvents`. */
  json(service: 'logs' | 'glue', target: string, body: object): Promise<unknown>;
}

/** Of a role that was assumed. */
export interface SessionCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

const attempts = 4;

/** Calls go to the region, or to where AWS_ENDPOINT_URL says; under the caller's own credentials unless others are given. */
export function signedCalls(region: string, credentials?: SessionCredentials): SignedCalls {
  const client = new SFNClient({ region, ...(credentials && { credentials }) });

  const post = async (service: string, headers: Record<string, string>, body: string): Promise<string> => {
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const url = new URL(process.env['AWS_ENDPOINT_URL'] ?? `https://${service}.${region}.${suffix}`);
    const signer = await client.config.signer();
    for (let attempt = 1; ; attempt++) {
      const signed = await signer.sign(
        {
          method: 'POST',
          protocol: url.protocol,
          hostname: url.hostname,
          path: '/',
          query: {},
          headers: { host: url.host, ...headers },
          body,
        },
        { signingService: service, signingRegion: region },
      );
      const { host: _, ...sent } = signed.headers;
      const answer = await fetch(new URL('/', url), { method: 'POST', headers: sent, body });
      const text = await answer.text();
      if (answer.ok) return text;
      const failure = failureOf(answer.status, text);
      const again = answer.status >= 500 || answer.status === 429 || /^Thrott|^RequestLimit/.test(failure.name);
      if (!again || attempt === attempts) throw failure;
      await sleep(Math.random() * 200 * 2 ** attempt);
    }
  };

  return {
    query: (service, parameters) =>
      post(
        service,
        { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        new URLSearchParams(parameters).toString(),
      ),
    json: async (service, target, body) => {
      const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
      return JSON.parse(await post(service, headers, JSON.stringify(body))) as unknown;
    },
  };
}

function failureOf(status: number, text: string): AwsError {
  const fallback = `HTTP ${status}`;
  if (text.trimStart().startsWith('<'))
    return new AwsError(element(text, 'Code') ?? fallback, element(text, 'Message') ?? '');
  try {
    const body = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
    return new AwsError(body.__type?.split('#').at(-1) ?? fallback, body.message ?? body.Message ?? '');
  } catch {
    return new AwsError(fallback, text.slice(0, 200));
  }
}

/** The text of the first element of that name. */
export function element(xml: string, name: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml) ?? [];
  return text === undefined ? undefined : unescaped(text);
}

const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

const unescaped = (text: string) =>
  text.replace(
    /&(?:(lt|gt|quot|apos|amp)|#(\d+)|#x([\da-f]+));/gi,
    (_, named?: string, decimal?: string, hex?: string) =>
      named === undefined
        ? String.fromCodePoint(decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal))
        : entities[named]!,
  );
