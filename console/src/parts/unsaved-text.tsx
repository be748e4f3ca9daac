import { useBlocker } from '@tanstack/react-router';
import { useCallback, useRef, type ReactNode } from 'react';
import { Dialog } from './dialog';
import { usePartTexts } from './part-texts';

interface Place {
  readonly pathname: string;
  readonly search: object;
}

/**
 * Asks before what was written is lost with its page: by a link, by going back, or with the tab.
 * @param hangsOn what else of the address, changed, takes the text away.
 * @returns the question, to be shown by the page.
 */
export function useUnsavedText(isUnsaved: () => boolean, hangsOn: readonly string[] = []): ReactNode {
  const t = usePartTexts();
  const now = useRef({ isUnsaved, hangsOn });
  now.current = { isUnsaved, hangsOn };
  const isLost = useCallback(
    ({ current, next }: { readonly current: Place; readonly next: Place }) =>
      now.current.isUnsaved() && isLeft(current, next, now.current.hangsOn),
    [],
  );
  const isTabHeld = useCallback(() => now.current.isUnsaved(), []);
  const question = useBlocker({ shouldBlockFn: isLost, enableBeforeUnload: isTabHeld, withResolver: true });
  if (question.status !== 'blocked') return null;
  return (
    <Dialog title={t('leaving')} onClose={question.reset}>
      <p>{t('leavingText')}</p>
      <div className="d-flex gap-2">
        <button type="button" className="btn btn-sm btn-primary" onClick={question.reset}>
          {t('stay')}
        </button>
        <button type="button" className="btn btn-sm btn-outline-primary" onClick={question.proceed}>
          {t('leave')}
        </button>
      </div>
    </Dialog>
  );
}

const isLeft = (current: Place, next: Place, hangsOn: readonly string[]): boolean =>
  current.pathname !== next.pathname || hangsOn.some((name) => valueOf(current, name) !== valueOf(next, name));

const valueOf = ({ search }: Place, name: string) => (search as Readonly<Record<string, string | undefined>>)[name];
