import { type ReactNode, useEffect, useId, useRef } from 'react';

interface Props {
  title: string;
  /** Escape, too. */
  onClose(): void;
  children: ReactNode;
}

/** What had the focus before the last dialog: where one takes the place of another, nothing has it in between. */
let opener: HTMLElement | undefined;

/** Modal: the browser keeps the focus inside; it goes back to where it was in the end. */
export function Dialog({ title, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const { activeElement: focused, body } = document;
    const before = focused instanceof HTMLElement && focused !== body ? focused : opener;
    opener = before;
    dialog.current?.showModal();
    // The element is gone by then, and with it what a browser remembers itself.
    return () => queueMicrotask(() => before?.focus());
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className="stack">
        <h2 id={heading}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
