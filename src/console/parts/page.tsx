import { type ReactNode, useEffect, useRef } from 'react';
import { movesSoFar } from '../router.ts';
import { site } from '../site.ts';
import { useStore } from '../store.ts';
import { texts } from '../texts.ts';

interface Props {
  title: string;
  /** Heading, where it says more than the title. */
  heading?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** The commands that do the same. */
  commands?: string[];
  children: ReactNode;
}

/** One screen. Its heading takes the focus when a person moved here, so that it is read. */
export function Page({ title, heading = title, lead, actions, commands = [], children }: Props) {
  const h1 = useRef<HTMLHeadingElement>(null);
  const name = useStore(site);
  useEffect(() => {
    document.title = name && name !== title ? `${title} · ${name}` : title;
  }, [title, name]);
  useEffect(() => {
    if (movesSoFar() > 0) h1.current?.focus({ preventScroll: true });
  }, []);
  return (
    <main className="page" id="main">
      <header>
        <div className="between">
          <h1 ref={h1} tabIndex={-1}>
            {heading}
          </h1>
          {actions && <div className="row">{actions}</div>}
        </div>
        {lead && <p className="lead">{lead}</p>}
      </header>
      {children}
      {commands.length > 0 && <Commands commands={commands} />}
    </main>
  );
}

function Commands({ commands }: { commands: string[] }) {
  return (
    <p className="command">
      <span>{texts.common.commandLine}</span>
      {commands.map((command) => (
        <code key={command}>{command}</code>
      ))}
    </p>
  );
}

interface SectionProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

export function Section({ title, lead, actions, children }: SectionProps) {
  const id = `section-${title.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
  return (
    <section className="stack" aria-labelledby={id}>
      <div className="stack tight">
        <div className="between">
          <h2 id={id}>{title}</h2>
          {actions && <div className="row">{actions}</div>}
        </div>
        {lead && <p className="quiet">{lead}</p>}
      </div>
      {children}
    </section>
  );
}
