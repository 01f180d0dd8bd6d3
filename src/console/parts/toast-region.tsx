import { useStore } from '../store.ts';
import { texts } from '../texts.ts';
import { drop, toasts } from '../toasts.ts';
import { Button } from './button.tsx';

export function ToastRegion() {
  const shown = useStore(toasts);
  return (
    <div className="toasts" role="status">
      {shown.map(({ id, text, undo }) => (
        <div key={id} className="toast" data-toast={id}>
          <span>{text}</span>
          {undo && (
            <Button
              small
              look="plain"
              onClick={() => {
                drop(id);
                undo();
              }}
            >
              {texts.common.undo}
            </Button>
          )}
          <Button small look="plain" onClick={() => drop(id)}>
            {texts.common.dismiss}
          </Button>
        </div>
      ))}
    </div>
  );
}
