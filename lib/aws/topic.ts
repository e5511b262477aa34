import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';

const client = new SNSClient({});

/** Publishes a notification. SNS accepts a subject of one line, printable ASCII, fewer than 100 characters. */
export async function publish(topicArn: string, subject: string, text: string): Promise<void> {
  const line = subject.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 99);
  await client.send(new PublishCommand({ TopicArn: topicArn, Subject: line, Message: text }));
}
