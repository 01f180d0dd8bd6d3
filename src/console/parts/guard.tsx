import { Component, type ReactNode } from 'react';
import { texts } from '../texts.ts';
import { Button } from './button.tsx';
import { Page } from './page.tsx';

interface State {
  failed: boolean;
}

/**
 * Keeps what is around a page when the page cannot be shown: most likely its piece of the program did not come, because the
 * connection broke, or is another since the site was updated.
 */
export class Guard extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Page title={texts.errors.page} lead={texts.errors.pageText}>
        <div className="row">
          <Button look="primary" onClick={() => location.reload()}>
            {texts.errors.reload}
          </Button>
        </div>
      </Page>
    );
  }
}
