/** Collects what arrives within `ms` milliseconds and hands it over as one list; lists never overlap. */
export function batcher<T>(
  ms: number,
  /** Settles every item by itself: `undefined`, or the error for that item. */
  flush: (items: T[]) => Promise<(Error | undefined)[]>,
): (item: T) => Promise<void> {
  let waiting: { item: T; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let last = Promise.resolve();

  async function run(): Promise<void> {
    const batch = waiting;
    waiting = [];
    try {
      const outcomes = await flush(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, i) => {
        if (outcomes[i]) reject(outcomes[i]);
        else resolve();
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return function add(item) {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0)
        setTimeout(() => {
          last = last.then(run);
        }, ms);
      waiting.push({ item, resolve, reject });
    });
  };
}
