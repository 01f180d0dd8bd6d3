/** Lets at most `width` of the given tasks run at a time, in the order they came. */
export function limit(width: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      // A place goes from hand to hand, so that nobody overtakes who waits.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
