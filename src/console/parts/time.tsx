import { ago, dateTime } from '../format.ts';

/** How long ago, or how long until; the date when pointed at. */
export function Time({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={dateTime(at)}>
      {ago(at)}
    </time>
  );
}
