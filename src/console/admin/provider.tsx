import { useState } from 'react';
import type { Act } from '../../model/uplinks.ts';
import type { Outlook, Step } from '../../plan/outlook.ts';
import { act } from '../api.ts';
import { ago, duration } from '../format.ts';
import { Answer } from '../parts/asked.tsx';
import { Button } from '../parts/button.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Mark, type Tone } from '../parts/mark.tsx';
import { Section } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';
import { begin, noRun } from './run-here.ts';
import { RunPanel } from './run-panel.tsx';

const t = texts.admin.provider;

/** Seconds between two looks. */
const LOOK = 20;

const goingOn = noRun();

const STEP_TONES: Record<Step['state'], Tone> = { done: 'good', now: 'busy', next: 'idle' };
const ACT_TONES: Record<Act['state'], Tone> = { done: 'good', open: 'warn', unknown: 'idle' };

/** A change of internet provider, while there is one. It begins with other values in the site file. */
export function Provider() {
  const asked = useAdmin('renumber', { action: 'show' }, LOOK);
  return (
    <>
      <RunPanel last={goingOn} title={t.running} />
      <Answer asked={asked}>
        {({ renumbering }) => renumbering && <Change outlook={renumbering} again={asked.again} />}
      </Answer>
    </>
  );
}

function Change({ outlook, again }: { outlook: Outlook; again(): void }) {
  const [asking, setAsking] = useState(false);
  const { from, to, steps, begun, unreachable, because, outside } = outlook;
  const waits = steps.some(({ phase, state }) => phase === 'both' && state === 'now');
  return (
    <Section
      title={t.title}
      lead={t.fromTo(from, to)}
      actions={waits && <Button onClick={() => setAsking(true)}>{t.goOn}</Button>}
    >
      {!begun && <p className="notice">{t.notBegun}</p>}
      <ol className="list">
        {steps.map((step) => (
          <li key={step.phase} className="stack tight">
            <div className="between">
              <span className="sentence">{step.text}</span>
              <Mark tone={STEP_TONES[step.state]} text={t.states[step.state]} />
            </div>
            <StepTime step={step} />
          </li>
        ))}
      </ol>
      <p className="quiet">{t.outOfReach(unreachable.overlap, unreachable.cut, because)}</p>
      <Outside acts={outside.acts} />
      {asking && (
        <Confirm
          title={t.goOnTitle}
          does={t.goOn}
          work={() => begin(goingOn, (onEvent) => act('renumber', { action: 'go-on' }, onEvent), again)}
          onClose={() => setAsking(false)}
        >
          <p>{t.goOnText}</p>
        </Confirm>
      )}
    </Section>
  );
}

function StepTime({ step: { seconds, state, ends } }: { step: Step }) {
  if (ends !== undefined)
    return <span className="facts">{ends > Date.now() ? t.ends(ago(ends)) : t.ending}</span>;
  if (seconds === 0 || state === 'done') return null;
  return <span className="facts">{t.atLeast(duration(seconds * 1000))}</span>;
}

function Outside({ acts }: { acts: Act[] }) {
  if (acts.length === 0) return null;
  return (
    <>
      <h3>{t.outside}</h3>
      <ul className="list">
        {acts.map(({ id, text, state, evidence }) => (
          <li key={id} className="stack tight">
            <div className="between">
              <span className="break sentence">{text}</span>
              <Mark tone={ACT_TONES[state]} text={t.acts[state]} />
            </div>
            {evidence && state !== 'done' && <span className="facts">{t.found(evidence)}</span>}
          </li>
        ))}
      </ul>
    </>
  );
}
