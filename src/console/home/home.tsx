import type { Me } from '../../server/browser-api.ts';
import { Empty } from '../parts/asked.tsx';
import { Link } from '../parts/link.tsx';
import { StateMark } from '../parts/mark.tsx';
import { Page } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { useCall } from '../use-ask.ts';
import { Hints } from './hints.tsx';

/** What a person may use, and how it does. */
export function Home({ me }: { me: Me }) {
  return (
    <Page title={me.title} heading={texts.home.greeting(me.displayName)} lead={texts.home.lead}>
      {me.tiles.length === 0 ? <Empty>{texts.home.none}</Empty> : <Tiles tiles={me.tiles} />}
      <HintsOf me={me} />
    </Page>
  );
}

function Tiles({ tiles }: Pick<Me, 'tiles'>) {
  return (
    <ul className="tiles" aria-label={texts.home.tiles}>
      {tiles.map(({ service, title, description, url, icon, state }) => (
        <li key={service}>
          <a className="tile" href={url}>
            <span className="face">
              <svg viewBox="0 0 24 24" aria-hidden="true">
                <path d={icon} />
              </svg>
            </span>
            <span className="name">{title}</span>
            <span className="quiet">{description}</span>
            <StateMark state={state} words={texts.home.states} />
          </a>
        </li>
      ))}
    </ul>
  );
}

function HintsOf({ me }: { me: Me }) {
  const ways = useCall('ways', {});
  const passwords = useCall('appPasswords', {});
  if (!ways.data || !passwords.data) return null;
  return <Hints me={me} ways={ways.data} devices={passwords.data.passwords.length} />;
}

export function NotFound() {
  return (
    <Page title={texts.notFound.title} lead={texts.notFound.lead}>
      <p>
        <Link href="/">{texts.notFound.home}</Link>
      </p>
    </Page>
  );
}
