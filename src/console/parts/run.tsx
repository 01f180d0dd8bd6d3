import { duration } from '../format.ts';
import type { Outcome, RunStep, RunView } from '../run-view.ts';
import { texts } from '../texts.ts';
import { Mark, type Tone } from './mark.tsx';

const t = texts.admin.run;

type Shown = RunStep['state'] | 'left';

const TONES: Record<Shown, Tone> = {
  running: 'busy',
  done: 'good',
  failed: 'bad',
  blocked: 'warn',
  left: 'idle',
};

/** What went wrong first, then what runs, then what is done, each in its order. */
const RANK: Record<RunStep['state'], number> = { failed: 0, blocked: 1, running: 2, done: 3 };

/** Steps on the page; those beyond are counted. */
const SHOWN = 200;

/** A run: how far it is, and its steps. What changes at its end is read aloud, not every step. */
export function RunSteps({ view, outcome }: { view: RunView; outcome: Outcome | undefined }) {
  const { planned, done, failed, steps, waiting } = view;
  const sorted = [...steps].sort(([, a], [, b]) => RANK[a.state] - RANK[b.state]);
  return (
    <div className="stack">
      <div className="stack tight">
        <div className="between">
          <span role="status" className="strong">
            {outcome ? t.outcome(outcome, failed) : (waiting ?? t.working)}
          </span>
          {planned !== undefined && <span className="quiet numbers">{t.of(done, planned)}</span>}
        </div>
        {!outcome && (
          <progress
            className="bar"
            aria-label={t.progress}
            max={Math.max(planned ?? 1, 1)}
            value={planned === undefined ? 0 : done}
          />
        )}
      </div>
      {sorted.length > 0 && (
        <ul className="list">
          {sorted.slice(0, SHOWN).map(([key, step]) => (
            <Step key={key} id={key} step={step} over={outcome !== undefined} />
          ))}
          {sorted.length > SHOWN && <li className="quiet">{t.more(sorted.length - SHOWN)}</li>}
        </ul>
      )}
    </div>
  );
}

/** One that runs when its run is over was left as it was. */
function Step({ id, step, over }: { id: string; step: RunStep; over: boolean }) {
  const { text, state, note, ms } = step;
  const shown: Shown = over && state === 'running' ? 'left' : state;
  return (
    <li className="stack tight">
      <div className="between">
        <span className="break">{text}</span>
        <Mark tone={TONES[shown]} text={t.states[shown]} />
      </div>
      <span className="facts">
        <code>{id}</code>
        {ms !== undefined && <span>{duration(ms)}</span>}
        {note && state !== 'done' && <span>{note}</span>}
      </span>
    </li>
  );
}
