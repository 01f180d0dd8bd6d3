import { useEffect, useRef, useState } from 'react';
import type { LogLine } from '../../server/console-api.ts';
import { type ApiError, act, errorOf } from '../api.ts';
import { clockTime, dateTime } from '../format.ts';
import { inFrames } from '../in-frames.ts';
import { Fault } from '../parts/fault.tsx';
import { SelectField, TextField } from '../parts/field.tsx';
import { Page } from '../parts/page.tsx';
import { Scroll } from '../parts/scroll.tsx';
import { rename, type Values } from '../router.ts';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';

const t = texts.admin.logs;

/** Lines asked for at first, and kept on the page while more come. */
const FIRST = 300;
const KEPT = 3000;

/** What services wrote; `allod` is the daemon itself. */
export function Logs({ values }: { values: Values }) {
  const status = useAdmin('status', {});
  const services = (status.data?.services ?? []).map(({ id, title }) => ({ value: id, text: title }));
  const [service, setService] = useState(values.service ?? 'allod');
  const [follow, setFollow] = useState(true);
  const [filter, setFilter] = useState('');
  function choose(next: string): void {
    setService(next);
    rename(`/console/logs/${next}`);
  }
  const { lines, error, again } = useLines(service, follow);
  const wanted = filter.trim().toLowerCase();
  const shown = lines.filter(({ text }) => text.toLowerCase().includes(wanted));
  return (
    <Page title={t.title} lead={t.lead} commands={[`allod logs ${service}${follow ? ' -f' : ''}`]}>
      <div className="tools">
        <SelectField
          label={t.service}
          value={service}
          onText={choose}
          options={[{ value: 'allod', text: t.daemon }, ...services]}
        />
        <TextField label={texts.common.filter} value={filter} onText={setFilter} />
        <label className="row">
          <input type="checkbox" checked={follow} onChange={({ target }) => setFollow(target.checked)} />
          {t.follow}
        </label>
      </div>
      <Fault error={error} again={again} />
      <Lines lines={shown} follow={follow} />
    </Page>
  );
}

function useLines(service: string, follow: boolean) {
  const [lines, setLines] = useState<LogLine[]>([]);
  const [error, setError] = useState<ApiError>();
  const [round, setRound] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` asks anew
  useEffect(() => {
    const gone = new AbortController();
    setLines([]);
    setError(undefined);
    const { push } = inFrames<LogLine>((more) => {
      if (!gone.signal.aborted) setLines((last) => [...last, ...more].slice(-KEPT));
    });
    act('logs', { service, lines: FIRST, follow }, push, { signal: gone.signal }).catch((thrown: unknown) => {
      if (!gone.signal.aborted) setError(errorOf(thrown));
    });
    return () => gone.abort();
  }, [service, follow, round]);
  return { lines, error, again: () => setRound((last) => last + 1) };
}

function Lines({ lines, follow }: { lines: LogLine[]; follow: boolean }) {
  const box = useRef<HTMLElement>(null);
  const atEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: stays at the end when lines come
  useEffect(() => {
    if (follow && atEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines, follow]);
  return (
    <Scroll
      className="log"
      ref={box}
      label={t.lines}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < 30;
      }}
    >
      {lines.length === 0 && <p className="quiet">{t.none}</p>}
      {lines.map(({ at, container, text }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <div key={i}>
          {at !== undefined && (
            <span className="at" title={dateTime(at)}>
              {clockTime(at)}
            </span>
          )}
          <span className="at">{container}</span>
          {text}
        </div>
      ))}
    </Scroll>
  );
}
