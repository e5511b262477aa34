/** An S3 event as EventBridge delivers it. */
export interface ObjectEvent {
  id: string;
  'detail-type': 'Object Created';
  source: 'aws.s3';
  time: string;
  detail: { bucket: { name: string }; object: { key: string; size: number } };
}

export interface Burst {
  /** In order of delivery. */
  events: readonly ObjectEvent[];
  /** How many of them are repeated deliveries. */
  repeated: number;
}

/** Events of new objects in random order, every hundredth delivered twice. The same seed gives the same events. */
export function burstOf(count: number, bucket: string, seed: number): Burst {
  const repeated = Math.floor(count / 100);
  const first = Date.parse('2026-11-21T08:00:00Z');
  const distinct = Array.from(
    { length: count - repeated },
    (_, i): ObjectEvent => ({
      id: `e-${String(i).padStart(6, '0')}`,
      'detail-type': 'Object Created',
      source: 'aws.s3',
      time: new Date(first + i).toISOString(),
      detail: { bucket: { name: bucket }, object: { key: `churn/customers/part-${i}.csv`, size: 1000 + i } },
    }),
  );
  const events = [...distinct, ...distinct.filter((_, i) => i % 99 === 0).slice(0, repeated)];
  const random = generator(seed);
  for (let i = events.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [events[i], events[j]] = [events[j]!, events[i]!];
  }
  return { events, repeated: events.length - distinct.length };
}

/** Random numbers from 0 to 1, by Mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
