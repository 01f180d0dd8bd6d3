import type { ChecklistItem } from '../../server/console-api.ts';
import { Answer } from '../parts/asked.tsx';
import { Copy } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Link } from '../parts/link.tsx';
import { Page } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';

export function ChecklistPage() {
  const asked = useAdmin('checklist', {});
  const t = texts.admin.checklist;
  return (
    <Page title={t.title} lead={t.lead} commands={['allod checklist']}>
      <Answer asked={asked}>{({ items }) => <Checklist items={items} />}</Answer>
    </Page>
  );
}

/** What is to be done comes first. */
export function Checklist({ items }: { items: ChecklistItem[] }) {
  const t = texts.admin.checklist;
  const done = items.filter((item) => item.done).length;
  return (
    <div className="stack">
      <div className="stack tight">
        <span className="quiet numbers">{t.of(done, items.length)}</span>
        <progress className="bar" aria-label={t.progress} max={items.length} value={done} />
      </div>
      <ol className="list">
        {[...items.filter((item) => !item.done), ...items.filter((item) => item.done)].map((item) => (
          <Item key={item.id} item={item} />
        ))}
      </ol>
    </div>
  );
}

function Item({ item: { title, done, text, page, command } }: { item: ChecklistItem }) {
  const t = texts.admin.checklist;
  return (
    <li className={done ? 'todo done' : 'todo'}>
      {done ? <Icon name="check" /> : <Icon name="circle" />}
      <div className="stack tight">
        <span className="strong">
          {title} <span className="hidden">{done ? t.done : t.open}</span>
        </span>
        {!done && <span className="quiet">{text}</span>}
        {!done && command && (
          <span className="row">
            <code>{command}</code> <Copy text={command} what={command} />
          </span>
        )}
      </div>
      {!done && page && (
        <Link className="button small" href={page}>
          {t.go} <span className="hidden">{title}</span>
        </Link>
      )}
    </li>
  );
}
