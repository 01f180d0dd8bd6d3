import { useEffect, useState } from 'react';
import type { RunEvent } from '../../reconcile/events.ts';
import type { SiteFileView } from '../../server/console-api.ts';
import { act } from '../api.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Page, Section } from '../parts/page.tsx';
import { navigate } from '../router.ts';
import { siteFaultOf } from '../site-fault.ts';
import { storeOf, useStore } from '../store.ts';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';
import { Diff, Planned } from './plan.tsx';
import { begin, noRun } from './run-here.ts';
import { RunPanel } from './run-panel.tsx';
import { SiteEditor } from './site-editor.tsx';

const t = texts.admin.changes;

/** What a person typed and has not applied: it stays while other pages are looked at. */
const draft = storeOf<string | undefined>(undefined);

const applying = noRun();

/** Milliseconds without a key pressed after which the text is checked. */
const CALM = 700;

/** The site file: what holds, what stands on the disk, what a person makes of it, and what that would change. */
export function Changes() {
  const file = useAdmin('siteFile', {});
  const run = useStore(applying);
  return (
    <Page title={t.title} lead={t.lead} commands={['allod plan', 'allod up', 'allod site undo']}>
      <RunPanel last={applying} title={t.running} />
      <Answer asked={file}>
        {(view) =>
          !run || run.outcome ? <Editing key={textOf(view)} view={view} again={file.again} /> : null
        }
      </Answer>
    </Page>
  );
}

function textOf({ accepted, edited }: SiteFileView): string {
  return edited ?? accepted;
}

function Editing({ view, again }: { view: SiteFileView; again(): void }) {
  const was = textOf(view);
  const text = useStore(draft) ?? was;
  const checked = useChecked(text);
  const doing = useDoing();
  const faults = (checked.answer?.faults ?? []).map(siteFaultOf);
  const changes = checked.answer?.planned?.changes;
  const nothing = text === view.accepted && changes?.length === 0;
  useEffect(() => {
    if (text === was) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [text, was]);
  async function apply(): Promise<void> {
    const work = (onEvent: (event: RunEvent) => void) => act('applySite', { site: text, was }, onEvent);
    await doing.run(() =>
      begin(applying, work, () => {
        if (!applying.get()?.error) draft.set(undefined);
        again();
      }),
    );
  }
  return (
    <>
      <Section title={t.file} lead={view.path ? t.where(view.path) : undefined}>
        {view.edited !== undefined && <p className="notice">{t.edited}</p>}
        <SiteEditor text={text} faults={faults} onText={(next) => draft.set(next)} />
        <p role="status" className="quiet">
          {checked.error
            ? ''
            : t.verdict(checked.answer && { faults: faults.length, changes: changes?.length ?? 0 })}
        </p>
        <Fault error={checked.error} again={checked.again} />
        {faults.length > 0 && (
          <ul className="notice bad">
            {faults.map(({ text: fault }) => (
              <li key={fault} className="break">
                {fault}
              </li>
            ))}
          </ul>
        )}
        <Fault error={doing.error} />
        <div className="row">
          <Button
            look="primary"
            busy={doing.busy || !checked.answer || faults.length > 0 || nothing}
            onClick={() => void apply()}
          >
            {t.apply}
          </Button>
          {text !== was && <Button onClick={() => draft.set(undefined)}>{t.revert}</Button>}
          <Button look="plain" onClick={() => navigate('/console/tasks')}>
            {t.tasks}
          </Button>
        </div>
      </Section>
      <Diff before={view.accepted} after={text} />
      {checked.answer?.planned && <Planned planned={checked.answer.planned} />}
    </>
  );
}

/** What the daemon says of a text, a moment after it was last changed. */
function useChecked(text: string) {
  const [calm, setCalm] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setCalm(text), CALM);
    return () => clearTimeout(timer);
  }, [text]);
  const { data, error, again } = useAdmin('checkSite', { site: calm });
  // What is said of another text is not said of this one.
  const answer = calm === text ? data : undefined;
  return { ...(answer ? { answer } : {}), ...(error ? { error } : {}), again };
}
