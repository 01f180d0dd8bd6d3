import type { Finding, FindingState } from '../../doctor/check.ts';
import type { CheckReport } from '../../doctor/diagnose.ts';
import { act } from '../api.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Mark, type Tone } from '../parts/mark.tsx';
import { Page, Section } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useAdmin } from '../use-ask.ts';
import { useDoing } from '../use-doing.ts';
import { FindingItem } from './finding.tsx';
import { idOf } from './finding-id.ts';

const t = texts.admin.doctor;
const TONES: Record<FindingState, Tone> = { ok: 'good', warning: 'warn', fault: 'bad', skipped: 'idle' };

interface Found {
  id: string;
  check: CheckReport;
  finding: Finding;
}

/** What is wrong, and what to do about it. */
export function Doctor() {
  const asked = useAdmin('doctor', {});
  const doing = useDoing();
  async function ignore(id: string, ignored: boolean): Promise<void> {
    if (!(await doing.run(() => act('ignoreFinding', { id, ignored })))) return;
    say(ignored ? t.ignored : t.minded, ignored ? () => void ignore(id, false) : undefined);
    asked.again();
  }
  return (
    <Page
      title={t.title}
      lead={t.lead}
      commands={['allod doctor', 'allod doctor --ignore ID']}
      actions={<Button onClick={asked.again}>{t.look}</Button>}
    >
      <Fault error={doing.error} />
      <Answer asked={asked}>
        {({ report, ignored }) => {
          const found = report.checks.flatMap((check) =>
            check.findings.map((finding) => ({ id: idOf(check, finding), check, finding })),
          );
          const worries = found.filter(({ finding: { state } }) => state === 'fault' || state === 'warning');
          return (
            <>
              <Worries
                found={worries.filter(({ id }) => !ignored.includes(id))}
                onIgnore={(id) => void ignore(id, true)}
              />
              <Ignored
                found={worries.filter(({ id }) => ignored.includes(id))}
                onMind={(id) => void ignore(id, false)}
              />
              <Checks checks={report.checks} />
            </>
          );
        }}
      </Answer>
    </Page>
  );
}

function Worries({ found, onIgnore }: { found: Found[]; onIgnore(id: string): void }) {
  const sorted = [...found].sort(
    (a, b) => Number(b.finding.state === 'fault') - Number(a.finding.state === 'fault'),
  );
  if (sorted.length === 0) return <p className="notice good">{t.allWell}</p>;
  return (
    <Section title={t.todo}>
      <ul className="list">
        {sorted.map(({ id, check, finding }) => (
          <FindingItem
            key={id}
            title={check.title}
            finding={finding}
            action={
              <Button small look="plain" onClick={() => onIgnore(id)}>
                {t.ignore} <span className="hidden">{finding.text}</span>
              </Button>
            }
          />
        ))}
      </ul>
    </Section>
  );
}

function Ignored({ found, onMind }: { found: Found[]; onMind(id: string): void }) {
  if (found.length === 0) return null;
  return (
    <Section title={t.ignoredTitle} lead={t.ignoredLead}>
      <ul className="list">
        {found.map(({ id, finding }) => (
          <li key={id} className="between">
            <span className="quiet sentence">{finding.text}</span>
            <Button small look="plain" onClick={() => onMind(id)}>
              {t.mind} <span className="hidden">{finding.text}</span>
            </Button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Checks({ checks }: { checks: CheckReport[] }) {
  return (
    <Section title={t.checks}>
      <ul className="list">
        {checks.map((check) => (
          <li key={check.id} className="stack tight">
            <div className="between">
              <span className="strong sentence">{check.title}</span>
              <Mark tone={TONES[check.state]} text={t.states[check.state]} />
            </div>
            {check.findings
              .filter(({ state }) => state === 'ok' || state === 'skipped')
              .map(({ text }) => (
                <p key={text} className="quiet little sentence">
                  {text}
                </p>
              ))}
          </li>
        ))}
      </ul>
    </Section>
  );
}
