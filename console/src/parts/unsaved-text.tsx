import { useBlocker, useRouterState } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react';
import { forgetText, keepText, keptText, type KeptText } from '../api/kept-text';
import { hasEndedByItself, useSession } from '../api/session';
import { Dialog } from './dialog';
import { usePartTexts } from './part-texts';

interface Place {
  readonly pathname: string;
  readonly search: object;
}

/** What is kept of a text whose session ends. */
interface Keeping {
  readonly text: () => string;
  readonly more?: () => unknown;
  /** It may hold a secret, or is of a resident. */
  readonly isSensitive?: boolean;
}

/**
 * Asks before what was written is lost with its page: by a link, by going back, or with the tab.
 * @param hangsOn what else of the address, changed, takes the text away.
 * @param keeping given: the text comes back by {@link useKeptText} where the session has ended by itself.
 * @returns the question, to be shown by the page.
 */
export function useUnsavedText(
  isUnsaved: () => boolean,
  hangsOn: readonly string[] = [],
  keeping?: Keeping,
): ReactNode {
  const t = usePartTexts();
  const now = useRef({ isUnsaved, hangsOn, keeping });
  now.current = { isUnsaved, hangsOn, keeping };
  useKeeping(hangsOn, () => (now.current.isUnsaved() ? now.current.keeping : undefined));
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

/** Keeps what the page holds when it goes because its session has ended. */
function useKeeping(hangsOn: readonly string[], keepingNow: () => Keeping | undefined): void {
  const page = usePageName(hangsOn);
  const session = useSession();
  const operator = useRef('');
  if (session) operator.current = session.operator.id;
  const whenGone = useRef(keepingNow);
  whenGone.current = keepingNow;
  useEffect(
    () => () => {
      const keeping = hasEndedByItself() ? whenGone.current() : undefined;
      if (!keeping) return;
      const kept = { operator: operator.current, page, text: keeping.text(), more: keeping.more?.() ?? null };
      keepText(kept, keeping.isSensitive ?? false);
    },
    [page],
  );
}

/** What was being written here when the session had ended; null: nothing. It is this page's from then on. */
export function useKeptText(hangsOn: readonly string[] = []): KeptText | null {
  const page = usePageName(hangsOn);
  const operator = useSession()?.operator.id;
  const [kept] = useState(() => {
    const found = keptText();
    return found?.page === page && found.operator === operator ? found : null;
  });
  useEffect(() => {
    if (kept) forgetText();
  }, [kept]);
  return kept;
}

/** Tells that the text is the one from before the log-in. */
export function KeptNote() {
  const t = usePartTexts();
  return <p role="status">{t('kept')}</p>;
}

/** Of the page that was opened: the address changes before the page does. */
function usePageName(hangsOn: readonly string[]): string {
  const { pathname, search } = useRouterState({ select: ({ location }) => location });
  const [name] = useState(() => [pathname, ...hangsOn.map((one) => valueOf({ pathname, search }, one))].join(' '));
  return name;
}

const isLeft = (current: Place, next: Place, hangsOn: readonly string[]): boolean =>
  current.pathname !== next.pathname || hangsOn.some((name) => valueOf(current, name) !== valueOf(next, name));

const valueOf = ({ search }: Place, name: string) => (search as Readonly<Record<string, string | undefined>>)[name];
