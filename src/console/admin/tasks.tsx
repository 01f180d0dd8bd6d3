import type { TaskView } from '../../server/console-api.ts';
import { duration } from '../format.ts';
import { Answer, Empty } from '../parts/asked.tsx';
import { Link } from '../parts/link.tsx';
import { Mark, type Tone } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { Time } from '../parts/time.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';

const t = texts.admin.tasks;
const TONES: Record<TaskView['state'], Tone> = { running: 'busy', done: 'good', failed: 'bad' };

/** The last runs. */
export function Tasks() {
  const tasks = useAdmin('tasks', {}, 5);
  return (
    <Page title={t.title} lead={t.lead} commands={['allod tasks', 'allod task ID -f']}>
      <Answer asked={tasks}>
        {(answer) =>
          answer.tasks.length === 0 ? (
            <Empty>{t.none}</Empty>
          ) : (
            <ul className="list">
              {answer.tasks.map((task) => (
                <li key={task.id} className="stack tight">
                  <div className="between">
                    <Link href={`/console/tasks/${task.id}`} className="strong">
                      {task.title} <span className="hidden">{t.number(task.id)}</span>
                    </Link>
                    <TaskMark task={task} />
                  </div>
                  <TaskFacts task={task} />
                  {task.text && <p className="break">{task.text}</p>}
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Page>
  );
}

export function TaskMark({ task: { state } }: { task: TaskView }) {
  return <Mark tone={TONES[state]} text={t.states[state]} />;
}

export function TaskFacts({ task: { by, started, ended, progress } }: { task: TaskView }) {
  return (
    <span className="facts">
      <span>{t.by(by)}</span>
      <Time at={started} />
      {ended !== undefined && <span>{duration(ended - started)}</span>}
      {progress.of > 0 && <span className="numbers">{texts.admin.run.of(progress.done, progress.of)}</span>}
    </span>
  );
}
