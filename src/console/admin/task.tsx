import type { TaskView, TimedEvent } from '../../server/console-api.ts';
import { clockTime } from '../format.ts';
import { Answer } from '../parts/asked.tsx';
import { Fault } from '../parts/fault.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { RunSteps } from '../parts/run.tsx';
import { Scroll } from '../parts/scroll.tsx';
import type { Values } from '../router.ts';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { TaskFacts, TaskMark } from './tasks.tsx';
import { useEvents } from './use-events.ts';

const t = texts.admin.tasks;

/** Lines of the log on the page: the last ones. */
const SHOWN = 2000;

/** One run, live while it goes on. */
export function Task({ values }: { values: Values }) {
  const id = Number(values.id);
  const tasks = useAdmin('tasks', {}, 5);
  const { events, view, ended, error, again } = useEvents(id);
  return (
    <Page
      title={t.number(id)}
      commands={[`allod task ${id} -f`]}
      lead={<Link href="/console/tasks">{t.all}</Link>}
    >
      <Answer asked={tasks}>
        {(answer) => <Head task={ended ?? answer.tasks.find((one) => one.id === id)} />}
      </Answer>
      <Fault error={error} again={again} />
      {!error && (
        <>
          <RunSteps view={view} outcome={ended && (ended.state === 'done' ? 'done' : 'failed')} />
          <Section title={t.log}>
            <Log events={events} />
          </Section>
        </>
      )}
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

function Log({ events }: { events: TimedEvent[] }) {
  const first = Math.max(0, events.length - SHOWN);
  return (
    <Scroll className="log short" label={t.log}>
      {first > 0 && <p className="quiet">{t.earlier(first)}</p>}
      {events.slice(first).map(({ at, event }, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
        <div key={first + i} className={event.type === 'failed' ? 'bad' : undefined}>
          <span className="at">{clockTime(at)}</span>
          {t.line(event)}
        </div>
      ))}
    </Scroll>
  );
}
