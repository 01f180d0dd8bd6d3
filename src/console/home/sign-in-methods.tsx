import { Answer } from '../parts/asked.tsx';
import { Page } from '../parts/page.tsx';
import { texts } from '../texts.ts';
import { useCall } from '../use-ask.ts';
import { CodeSection } from './code.tsx';
import { PasskeySection } from './passkeys.tsx';
import { PasswordSection } from './password.tsx';
import { SessionSection } from './sessions.tsx';

/** How a person signs in, and where they are signed in. */
export function SignInMethods() {
  const ways = useCall('ways', {});
  return (
    <Page title={texts.ways.title} lead={texts.ways.lead}>
      <Answer asked={ways}>
        {(answer) => (
          <div className="stack wide">
            <PasskeySection ways={answer} again={ways.again} />
            <PasswordSection ways={answer} again={ways.again} />
            <CodeSection ways={answer} again={ways.again} />
          </div>
        )}
      </Answer>
      <SessionSection />
    </Page>
  );
}
