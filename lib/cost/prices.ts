import * as z from 'zod';
import { type InstanceType, vcpusOfInstance } from '../compute/billing.ts';
import { type BilledUnit, billedUnits } from '../compute/compute.ts';

/** The form of the dated price table; `price-table.ts` has the figures. */

export const regions = ['us-east-1', 'us-west-2', 'eu-west-1', 'eu-central-1'] as const;
export type Region = (typeof regions)[number];

/** Whether the price table has a region. */
export const isPriced = (region: string): region is Region => (regions as readonly string[]).includes(region);

const usd = z.number().positive();

const item = z.strictObject({
  /** The billed unit, such as `DPU-hour` or `GB-month`. */
  unit: z.string().min(1),
  /** USD per unit, by region. */
  usd: z.strictObject({ 'us-east-1': usd, 'us-west-2': usd, 'eu-west-1': usd, 'eu-central-1': usd }),
  /** The page that publishes the figure, and remarks. */
  source: z.string().includes('https://'),
  /** `scaled`: known for us-east-1 and scaled for other regions; check these first. */
  basis: z.enum(['list', 'scaled']),
  /** Regions whose figure is the same in a list that another project generated from the price interface of AWS, on that day. Absent: none was found. */
  confirmed: z
    .array(
      z.strictObject({
        regions: z.array(z.enum(regions)).min(1),
        in: z.string().includes('https://'),
        on: z.iso.date(),
      }),
    )
    .optional(),
});

const instance = z.strictObject({
  onDemand: item,
  /** EMR's surcharge per instance-hour. */
  emr: item,
  /** Typical spot price as a share of the on-demand price. */
  spotShare: z.strictObject({ low: z.number(), expected: z.number(), high: z.number() }),
});

export const priceTable = z.strictObject({
  /** The day when these prices were last checked, such as 2026-01-01. */
  asOf: z.iso.date(),
  currency: z.literal('USD'),
  items: z.strictObject({
    ...(Object.fromEntries(billedUnits.map((unit) => [unit, item])) as Record<BilledUnit, typeof item>),
    s3GbMonth: item,
    s3ThousandPuts: item,
    s3ThousandGets: item,
    dynamoMillionWrites: item,
    dynamoMillionReads: item,
    lambdaGbSecond: item,
    lambdaMillionRequests: item,
    stepFunctionsThousandTransitions: item,
    logsGb: item,
    logsGbMonth: item,
    metricMonth: item,
    alarmMonth: item,
    compositeAlarmMonth: item,
    dashboardMonth: item,
    kinesisStreamHour: item,
    kinesisGbIn: item,
    kinesisGbOut: item,
    kinesisGbMonthKept: item,
    kinesisShardHour: item,
    kinesisMillionPutUnits: item,
    kinesisShardHourKept: item,
    firehoseGb: item,
    firehosePartitionedGb: item,
    firehoseThousandObjects: item,
    kmsKeyMonth: item,
    kmsTenThousandRequests: item,
    endpointHour: item,
    natHour: item,
  }),
  /** Exactly the instance types that a cluster may use. */
  instances: z.record(z.enum(Object.keys(vcpusOfInstance) as InstanceType[]), instance),
});

export type Prices = z.infer<typeof priceTable>;
export type PriceName = keyof Prices['items'];

/** USD of one unit of an item in a region. */
export const price = (prices: Prices, name: PriceName, region: Region): number => prices.items[name].usd[region];

/** Whole days from the last check of the prices until `today` (both like 2026-01-01). */
export function ageInDays(prices: Prices, today: string): number {
  return Math.floor((Date.parse(today) - Date.parse(prices.asOf)) / 86_400_000);
}

/** Forecasts from older prices come with a warning. */
export const warnAfterDays = 180;
