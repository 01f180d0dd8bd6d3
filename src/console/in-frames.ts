/** Takes what comes in quick succession, and hands it on together, at most once a frame. */
export interface Frames<T> {
  push(item: T): void;
  /** Hands on what is left, now. */
  flush(): void;
}

export function inFrames<T>(take: (items: T[]) => void): Frames<T> {
  let waiting: T[] = [];
  function flush(): void {
    const items = waiting;
    waiting = [];
    if (items.length > 0) take(items);
  }
  return {
    flush,
    push(item) {
      if (waiting.push(item) === 1) requestAnimationFrame(flush);
    },
  };
}
