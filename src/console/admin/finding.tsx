import type { ReactNode } from 'react';
import type { Finding } from '../../doctor/check.ts';
import { act } from '../api.ts';
import { Button } from '../parts/button.tsx';
import { Copy } from '../parts/copy.tsx';
import { Fault } from '../parts/fault.tsx';
import { Mark } from '../parts/mark.tsx';
import { texts } from '../texts.ts';
import { say } from '../toasts.ts';
import { useDoing } from '../use-doing.ts';
import { fixOf } from './finding-id.ts';

const t = texts.admin.doctor;

interface Props {
  title: string;
  finding: Finding;
  action: ReactNode;
}

export function FindingItem({ title, finding, action }: Props) {
  const { state, text, evidence, remedy } = finding;
  const fix = fixOf(finding);
  const doing = useDoing();
  async function mend(): Promise<void> {
    if (fix && (await doing.run(() => run(fix)))) say(t.fixed);
  }
  return (
    <li className="finding">
      <div className="between">
        <span className="quiet sentence">{title}</span>
        <Mark tone={state === 'fault' ? 'bad' : 'warn'} text={t.states[state]} />
      </div>
      <p className="strong break sentence">{text}</p>
      {remedy && <div className="remedy">{remedy}</div>}
      {evidence && (
        <details>
          <summary>{t.evidence}</summary>
          <pre>{evidence}</pre>
        </details>
      )}
      <Fault error={doing.error} />
      <div className="row">
        {fix && (
          <Button small look="primary" busy={doing.busy} onClick={() => void mend()}>
            {fix.verb === 'up' ? t.up : t.restart(fix.service)}
          </Button>
        )}
        {remedy && <Copy text={remedy} what={t.remedy} />}
        {action}
      </div>
    </li>
  );
}

async function run(fix: NonNullable<ReturnType<typeof fixOf>>): Promise<void> {
  if (fix.verb === 'restart') {
    await act('restartService', { service: fix.service });
    return;
  }
  const { accepted, edited } = await act('siteFile', {});
  // The site as it was accepted, once more; what somebody is editing is not brought up along with it.
  await act('applySite', { site: accepted, was: edited ?? accepted });
}
