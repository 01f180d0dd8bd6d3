import { Button } from '../parts/button.tsx';
import { Fault } from '../parts/fault.tsx';
import { Section } from '../parts/page.tsx';
import { RunSteps } from '../parts/run.tsx';
import { texts } from '../texts.ts';
import type { Applying } from './applying.ts';

/** What is being applied, while it is, and how it went. */
export function RunPanel({ run, onClose }: { run: Applying; onClose(): void }) {
  const { view, over, faults, error } = run;
  return (
    <Section
      title={texts.admin.changes.running}
      actions={
        over && (
          <Button small onClick={onClose}>
            {texts.common.close}
          </Button>
        )
      }
    >
      <RunSteps view={view} over={over} />
      <Fault error={error} />
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
