import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Link } from '../parts/link.tsx';
import { Section } from '../parts/page.tsx';
import { RunSteps } from '../parts/run.tsx';
import { useStore } from '../store.ts';
import { texts } from '../texts.ts';
import type { LastRun } from './run-here.ts';

/** What was begun on this page, while it goes on, and how it ended. */
export function RunPanel({ last, title }: { last: LastRun; title: string }) {
  const run = useStore(last);
  if (!run) return null;
  const { view, outcome, faults, error } = run;
  return (
    <Section
      title={title}
      actions={
        outcome && (
          <Button small onClick={() => last.set(undefined)}>
            {texts.common.close}
          </Button>
        )
      }
    >
      <RunSteps view={view} outcome={outcome} />
      {outcome === 'lost' ? (
        <p className="notice warn">
          {texts.admin.run.lostText} <Link href="/console/tasks">{texts.admin.tasks.all}</Link>
        </p>
      ) : (
        <Fault error={error} />
      )}
      {faults.length > 0 && (
        <ul className="notice bad" role="alert">
          {faults.map(({ key, text }) => (
            <li key={key} className="break">
              <code>{key}</code> {text}
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
