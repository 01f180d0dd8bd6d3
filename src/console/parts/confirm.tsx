import type { ReactNode } from 'react';
import { texts } from '../texts.ts';
import { useDoing } from '../use-doing.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Fault } from './fault.tsx';

interface Props {
  title: string;
  /** What will be. */
  children: ReactNode;
  /** On the button: the deed itself. */
  does: string;
  danger?: boolean;
  work(): Promise<unknown>;
  onClose(): void;
}

/** Asks before something that cannot be taken back at once. */
export function Confirm({ title, children, does, danger = false, work, onClose }: Props) {
  const doing = useDoing();
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack tight">{children}</div>
      <Fault error={doing.error} />
      <div className="row end">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button
          look={danger ? 'danger' : 'primary'}
          busy={doing.busy}
          onClick={() => void doing.run(work).then((good) => good && onClose())}
        >
          {does}
        </Button>
      </div>
    </Dialog>
  );
}
