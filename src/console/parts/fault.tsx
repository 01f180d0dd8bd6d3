import type { ReactNode } from 'react';
import type { ApiError } from '../api.ts';
import { goToSignIn } from '../router.ts';
import { texts } from '../texts.ts';
import { Button } from './button.tsx';

/** Why something was not done, said at once; several faults as a list. */
export function Fault({ error, again }: { error?: ApiError | undefined; again?: () => void }) {
  if (!error) return <div role="alert" hidden />;
  const lines = error.message.split('\n').filter((line) => line.trim());
  return (
    <div role="alert" className="notice bad">
      {error.kind === 'bug' && <p className="strong">{texts.errors.bug}</p>}
      {error.kind === 'proof' ? <p>{texts.errors.proof}</p> : <Lines lines={lines} />}
      <Remedy error={error} again={again} />
    </div>
  );
}

function Lines({ lines }: { lines: string[] }): ReactNode {
  if (lines.length <= 1) return <p className="break">{lines[0]}</p>;
  return (
    <ul>
      {lines.map((line) => (
        <li key={line} className="break">
          {line}
        </li>
      ))}
    </ul>
  );
}

function Remedy({ error, again }: { error: ApiError; again: (() => void) | undefined }): ReactNode {
  if (error.kind === 'sign-in') return action(texts.errors.signIn, goToSignIn);
  if (!again || error.kind === 'person') return null;
  return action(error.kind === 'proof' ? texts.errors.prove : texts.errors.again, again);
}

function action(text: string, does: () => void): ReactNode {
  return (
    <div className="row">
      <Button small onClick={does}>
        {text}
      </Button>
    </div>
  );
}
