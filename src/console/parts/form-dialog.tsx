import type { ReactNode } from 'react';
import { texts } from '../texts.ts';
import type { Doing } from '../use-doing.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Fault } from './fault.tsx';

interface FormProps {
  /** On the button: the deed itself. */
  does: string;
  doing: Doing;
  onSubmit(): Promise<void>;
  onClose(): void;
  children: ReactNode;
}

/** Fields, what went wrong, and the two buttons. */
export function DialogForm({ does, doing, onSubmit, onClose, children }: FormProps) {
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      {children}
      <Fault error={doing.error} />
      <div className="row end">
        <Button onClick={onClose}>{texts.common.cancel}</Button>
        <Button type="submit" look="primary" busy={doing.busy}>
          {does}
        </Button>
      </div>
    </form>
  );
}

/** A dialog that is a form; `lead`: what it is about, where the title does not say it. */
export function FormDialog({ title, lead, ...form }: FormProps & { title: string; lead?: string }) {
  return (
    <Dialog title={title} onClose={form.onClose}>
      {lead && <p className="quiet">{lead}</p>}
      <DialogForm {...form} />
    </Dialog>
  );
}

interface ShownProps {
  title: string;
  onClose(): void;
  children: ReactNode;
}

/** Shows what was made, until the person has it. */
export function ShownDialog({ title, onClose, children }: ShownProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="stack" role="status">
        {children}
      </div>
      <div className="row end">
        <Button look="primary" onClick={onClose}>
          {texts.devices.done}
        </Button>
      </div>
    </Dialog>
  );
}
