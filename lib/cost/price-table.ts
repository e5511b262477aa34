import { type Prices, priceTable, type Region, regions } from './prices.ts';

/** Lists that other projects generate from the price interface of AWS. No such list was found for what EMR adds to EC2, nor for the other items. */
const karpenter = {
  in: 'https://github.com/aws/karpenter-provider-aws/blob/6fc13b5236fd04fd16ff3f9dc7490d0813994099/pkg/providers/pricing/zz_generated.pricing_aws.go',
  on: '2026-07-20',
};
/** Of a type that is sold in several ways it keeps one price at random, which may be another than the one here. */
const libcloud = (release: string, on: string) => ({
  in: `https://pypi.org/project/apache-libcloud/${release}/ libcloud/data/pricing.json`,
  on,
});
const perfKit = (file: string, on: string) => ({
  in: `https://github.com/GoogleCloudPlatform/PerfKitBenchmarker/blob/946ea317692cac6c78e4aec1cd041b538f1a0285/perfkitbenchmarker/providers/aws/${file}`,
  on,
});
const [january2023, august2023, march2025] = [
  libcloud('3.7.0', '2023-01-02'),
  libcloud('3.8.0', '2023-08-06'),
  libcloud('3.9.1', '2025-03-02'),
];
const everywhere: Region[] = [...regions];

/**
 * List prices without free tier, tax or discount. They were copied by hand from the published pages, and some were found again in lists of
 * other projects (`confirmed`): check them before you base a decision on them, and update `asOf` after checking all.
 */
export const prices: Prices = priceTable.parse({
  asOf: '2026-01-01',
  currency: 'USD',
  items: {
    glueDpuHour: {
      ...same('DPU-hour', 0.44, 'https://aws.amazon.com/glue/pricing/ by the second, at least 1 minute'),
      confirmed: [{ regions: everywhere, ...perfKit('aws_dpb_glue_prices.py', '2023-02-06') }],
    },
    glueFlexDpuHour: same('DPU-hour', 0.29, 'https://aws.amazon.com/glue/pricing/ by the second, at least 1 minute'),
    glueMemoryDpuHour: same(
      'DPU-hour of R workers',
      0.52,
      'https://aws.amazon.com/glue/pricing/ by the second, at least 1 minute',
    ),
    emrServerlessVcpuHour: {
      ...list(
        'vCPU-hour, x86',
        [0.052624, 0.052624, 0.052624, 0.060528],
        'https://aws.amazon.com/emr/pricing/ by the second, at least 1 minute',
      ),
      confirmed: [{ regions: everywhere, ...perfKit('aws_dpb_emr_serverless_prices.py', '2023-02-03') }],
    },
    emrServerlessGbHour: {
      ...list(
        'GB-hour of memory, x86',
        [0.0057785, 0.0057785, 0.0057785, 0.006643],
        'https://aws.amazon.com/emr/pricing/ by the second, at least 1 minute',
      ),
      confirmed: [{ regions: everywhere, ...perfKit('aws_dpb_emr_serverless_prices.py', '2023-02-03') }],
    },
    s3GbMonth: list('GB-month', [0.023, 0.023, 0.023, 0.0245], 'https://aws.amazon.com/s3/pricing/ first 50 TB'),
    s3ThousandPuts: list(
      '1,000 PUT, COPY, POST, LIST',
      [0.005, 0.005, 0.005, 0.0054],
      'https://aws.amazon.com/s3/pricing/',
    ),
    s3ThousandGets: list('1,000 GET, SELECT', [0.0004, 0.0004, 0.0004, 0.00043], 'https://aws.amazon.com/s3/pricing/'),
    dynamoMillionWrites: list(
      'million write units of 1 KB',
      [0.625, 0.625, 0.7065, 0.7625],
      'https://aws.amazon.com/dynamodb/pricing/on-demand/ since the cut by half of November 2024',
    ),
    dynamoMillionReads: list(
      'million read units of 4 KB',
      [0.125, 0.125, 0.1415, 0.1525],
      'https://aws.amazon.com/dynamodb/pricing/on-demand/ since the cut by half of November 2024',
    ),
    lambdaGbSecond: same('GB-second, arm64', 0.0000133334, 'https://aws.amazon.com/lambda/pricing/ first tier'),
    lambdaMillionRequests: same('million requests', 0.2, 'https://aws.amazon.com/lambda/pricing/'),
    stepFunctionsThousandTransitions: same(
      '1,000 state transitions, Standard',
      0.025,
      'https://aws.amazon.com/step-functions/pricing/ retries count',
    ),
    logsGb: list('GB ingested', [0.5, 0.5, 0.57, 0.63], 'https://aws.amazon.com/cloudwatch/pricing/ Standard class'),
    logsGbMonth: list('GB-month, compressed', [0.03, 0.03, 0.03, 0.0324], 'https://aws.amazon.com/cloudwatch/pricing/'),
    metricMonth: same('custom metric, a month', 0.3, 'https://aws.amazon.com/cloudwatch/pricing/ first 10,000'),
    alarmMonth: same('alarm of standard resolution, a month', 0.1, 'https://aws.amazon.com/cloudwatch/pricing/'),
    compositeAlarmMonth: same('composite alarm, a month', 0.5, 'https://aws.amazon.com/cloudwatch/pricing/'),
    dashboardMonth: same('dashboard, a month', 3, 'https://aws.amazon.com/cloudwatch/pricing/'),
    kinesisStreamHour: scaled(
      'stream-hour, on demand',
      0.04,
      shardHour,
      'https://aws.amazon.com/kinesis/data-streams/pricing/',
    ),
    kinesisGbIn: scaled('GB written', 0.08, shardHour, 'https://aws.amazon.com/kinesis/data-streams/pricing/'),
    kinesisGbOut: scaled('GB read', 0.04, shardHour, 'https://aws.amazon.com/kinesis/data-streams/pricing/'),
    kinesisGbMonthKept: scaled(
      'GB-month kept longer than a day, on demand',
      0.1,
      shardHour,
      'https://aws.amazon.com/kinesis/data-streams/pricing/ up to 7 days',
    ),
    kinesisShardHour: list('shard-hour', shardHour(), 'https://aws.amazon.com/kinesis/data-streams/pricing/'),
    kinesisMillionPutUnits: scaled(
      'million PUT payload units of 25 KB',
      0.014,
      shardHour,
      'https://aws.amazon.com/kinesis/data-streams/pricing/',
    ),
    kinesisShardHourKept: scaled(
      'shard-hour that keeps longer than a day',
      0.02,
      shardHour,
      'https://aws.amazon.com/kinesis/data-streams/pricing/ up to 7 days',
    ),
    firehoseGb: list(
      'GB, records rounded up to 5 KB',
      [0.029, 0.029, 0.031, 0.033],
      'https://aws.amazon.com/firehose/pricing/ first 500 TB',
    ),
    firehosePartitionedGb: scaled(
      'GB partitioned by what is in the records',
      0.02,
      shardHour,
      'https://aws.amazon.com/firehose/pricing/ without the seconds of JQ',
    ),
    firehoseThousandObjects: scaled(
      '1,000 partitioned objects',
      0.005,
      shardHour,
      'https://aws.amazon.com/firehose/pricing/',
    ),
    kmsKeyMonth: same(
      'key, a month',
      1,
      'https://aws.amazon.com/kms/pricing/ each of the first two rotations adds as much',
    ),
    kmsTenThousandRequests: same('10,000 requests', 0.03, 'https://aws.amazon.com/kms/pricing/'),
    endpointHour: list(
      'interface endpoint-hour in one zone',
      [0.01, 0.01, 0.011, 0.012],
      'https://aws.amazon.com/privatelink/pricing/',
    ),
    natHour: list('NAT gateway-hour', [0.045, 0.045, 0.048, 0.052], 'https://aws.amazon.com/vpc/pricing/'),
  },
  instances: {
    'm5.xlarge': instance([0.192, 0.192, 0.214, 0.23], 0.048, [
      ['us-west-2', march2025],
      ['eu-central-1', january2023],
    ]),
    'm5a.xlarge': instance([0.172, 0.172, 0.192, 0.208], 0.043, [
      ['us-west-2', march2025],
      ['eu-west-1', march2025],
      ['eu-central-1', march2025],
    ]),
    'm6i.xlarge': instance([0.192, 0.192, 0.214, 0.23], 0.048, [
      ['us-west-2', march2025],
      ['eu-west-1', march2025],
      ['eu-central-1', march2025],
    ]),
    'm6a.xlarge': instance([0.1728, 0.1728, 0.1926, 0.207], 0.0432, [
      ['us-west-2', march2025],
      ['eu-west-1', march2025],
      ['eu-central-1', march2025],
    ]),
    'r5.xlarge': instance([0.252, 0.252, 0.282, 0.304], 0.063, [
      ['us-west-2', august2023],
      ['eu-central-1', march2025],
    ]),
    'r6i.xlarge': instance([0.252, 0.252, 0.282, 0.304], 0.063, [['us-west-2', march2025]]),
    'm5.2xlarge': instance([0.384, 0.384, 0.428, 0.46], 0.096, [
      ['us-west-2', january2023],
      ['eu-west-1', march2025],
      ['eu-central-1', march2025],
    ]),
    'm6i.2xlarge': instance([0.384, 0.384, 0.428, 0.46], 0.096, [['us-west-2', march2025]]),
  },
});

type FourPrices = readonly [number, number, number, number];

function list(unit: string, [east, west, ireland, frankfurt]: FourPrices, source: string) {
  const usd = { 'us-east-1': east, 'us-west-2': west, 'eu-west-1': ireland, 'eu-central-1': frankfurt };
  return { unit, usd, source, basis: 'list' };
}

function same(unit: string, usd: number, source: string) {
  return list(unit, [usd, usd, usd, usd], source);
}

/** A price known only for us-east-1, scaled for other regions like a price that is known everywhere. */
function scaled(unit: string, usd: number, like: () => FourPrices, source: string) {
  const [base, ...others] = like();
  const four = [base, ...others].map((other) => Number(((usd * other) / base).toFixed(4))) as unknown as FourPrices;
  return { ...list(unit, four, `${source} outside the US scaled like the shard-hour`), basis: 'scaled' };
}

/** A provisioned Kinesis shard-hour. */
function shardHour(): FourPrices {
  return [0.015, 0.015, 0.017, 0.018];
}

/** `found`: the lists besides Karpenter's, which has us-east-1, that have the price of a region. */
function instance(
  onDemand: FourPrices,
  emr: number,
  found: readonly (readonly [Region, { in: string; on: string }])[],
) {
  return {
    onDemand: {
      ...list('instance-hour, Linux', onDemand, 'https://aws.amazon.com/ec2/pricing/on-demand/ by the second'),
      confirmed: [
        { regions: ['us-east-1'], ...karpenter },
        ...found.map(([region, where]) => ({ regions: [region], ...where })),
      ],
    },
    emr: same(
      'instance-hour on top of EC2',
      emr,
      'https://aws.amazon.com/emr/pricing/ by the second, at least 1 minute',
    ),
    spotShare: { low: 0.3, expected: 0.4, high: 0.65 },
  };
}
