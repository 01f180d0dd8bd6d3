import { useEffect, useState } from 'react';
import type { TaskView, TimedEvent } from '../../server/console-api.ts';
import { type ApiError, act, errorOf } from '../api.ts';
import { clockTime } from '../format.ts';
import { Answer } from '../parts/asked.tsx';
import { Fault } from '../parts/fault.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RunSteps } from '../parts/run.tsx';
import { Scroll } from '../parts/scroll.tsx';
import type { Values } from '../router.ts';
import { NOTHING_YET, withEvent } from '../run-view.ts';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { TaskFacts, TaskMark } from './tasks.tsx';

const t = texts.admin.tasks;

/** One run, live while it goes on. */
export function Task({ values }: { values: Values }) {
  const id = Number(values.id);
  const tasks = useAdmin('tasks', {}, 5);
  const { events, ended, error } = useEvents(id);
  const view = events.reduce((last, { event }) => withEvent(last, event), NOTHING_YET);
  return (
    <Page
      title={t.number(id)}
      commands={[`allod task ${id} -f`]}
      lead={<Link href="/console/tasks">{t.all}</Link>}
    >
      <Answer asked={tasks}>
        {(answer) => <Head task={ended ?? answer.tasks.find((one) => one.id === id)} />}
      </Answer>
      <Fault error={error} />
      <RunSteps view={view} over={ended !== undefined || error !== undefined} />
      <Section title={t.log}>
        <Log events={events} />
      </Section>
    </Page>
  );
}

function Head({ task }: { task: TaskView | undefined }) {
  if (!task) return null;
  return (
    <div className="card stack tight">
      <div className="between">
        <span className="strong">{task.title}</span>
        <TaskMark task={task} />
      </div>
      <TaskFacts task={task} />
      {task.text && <p className="break">{task.text}</p>}
    </div>
  );
}

/** All events of a run as they come, those of before first. */
function useEvents(id: number) {
  const [events, setEvents] = useState<TimedEvent[]>([]);
  const [ended, setEnded] = useState<TaskView>();
  const [error, setError] = useState<ApiError>();
  useEffect(() => {
    const gone = new AbortController();
    setEvents([]);
    act('task', { id }, (event) => setEvents((last) => [...last, event]), { signal: gone.signal })
      .then(setEnded)
      .catch((thrown: unknown) => {
        if (!gone.signal.aborted) setError(errorOf(thrown));
      });
    return () => gone.abort();
  }, [id]);
  return { events, ended, error };
}

function Log({ events }: { events: TimedEvent[] }) {
  return (
    <Scroll className="log short" label={t.log}>
      {events.map(({ at, event }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <div key={i} className={event.type === 'failed' ? 'bad' : undefined}>
          <span className="at">{clockTime(at)}</span>
          {t.line(event)}
        </div>
      ))}
    </Scroll>
  );
}
