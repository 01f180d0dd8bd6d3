import { duration } from '../format.ts';
import type { RunStep, RunView } from '../run-view.ts';
import { texts } from '../texts.ts';
import { Mark, type Tone } from './mark.tsx';

const TONES: Record<RunStep['state'], Tone> = {
  running: 'busy',
  done: 'good',
  failed: 'bad',
  blocked: 'warn',
};

/** A run: how far it is, and its steps. What changes at its end is read aloud, not every step. */
export function RunSteps({ view, over }: { view: RunView; over: boolean }) {
  const t = texts.admin.run;
  const { planned, done, steps, waiting } = view;
  const failed = steps.filter(({ state }) => state === 'failed' || state === 'blocked').length;
  const said = over ? (failed ? t.endedWith(failed) : t.ended) : waiting ? waiting : t.working;
  return (
    <div className="stack">
      <div className="stack tight">
        <div className="between">
          <span role="status" className="strong">
            {said}
          </span>
          {planned !== undefined && <span className="quiet numbers">{t.of(done, planned)}</span>}
        </div>
        {!over && (
          <progress
            className="bar"
            aria-label={t.progress}
            max={Math.max(planned ?? 1, 1)}
            value={planned === undefined ? 0 : done}
          />
        )}
      </div>
      {steps.length > 0 && (
        <ul className="list">
          {[...steps].sort(byWorry).map((step) => (
            <Step key={step.key} step={step} />
          ))}
        </ul>
      )}
    </div>
  );
}

/** What went wrong first, then what runs, then what is done, each in its order. */
function byWorry(a: RunStep, b: RunStep): number {
  const rank = { failed: 0, blocked: 1, running: 2, done: 3 };
  return rank[a.state] - rank[b.state];
}

function Step({ step }: { step: RunStep }) {
  const { key, text, state, note, ms } = step;
  return (
    <li className="stack tight">
      <div className="between">
        <span className="break">{text}</span>
        <Mark tone={TONES[state]} text={texts.admin.run.states[state]} />
      </div>
      <span className="facts">
        <code>{key}</code>
        {ms !== undefined && <span>{duration(ms)}</span>}
        {note && state !== 'done' && <span>{note}</span>}
      </span>
    </li>
  );
}
