import type { ReactNode } from 'react';
import { texts } from '../texts.ts';
import type { Asked } from '../use-ask.ts';
import { Fault } from './fault.tsx';

interface Props<T> {
  asked: Asked<T>;
  children: (data: T) => ReactNode;
}

/** What was asked for once it is there, why it is not, and something of its size meanwhile. */
export function Answer<T>({ asked, children }: Props<T>) {
  const { data, error, again } = asked;
  // What fails to come is asked for again, and the banner says so.
  const told = error && (error.kind !== 'transient' || data === undefined) ? error : undefined;
  return (
    <>
      {told && <Fault error={told} again={again} />}
      {data !== undefined ? children(data) : !told && <Waiting />}
    </>
  );
}

function Waiting() {
  return (
    <div className="stack" role="status" aria-label={texts.common.loading}>
      <div className="ghost" />
      <div className="ghost" />
      <div className="ghost" />
    </div>
  );
}

/** Said where a list has nothing in it. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="card quiet">{children}</p>;
}
