import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { useSession } from '../api/session';
import { StreamProvider } from '../live/stream-provider';
import { MustChangePassword } from '../session/must-change-password';
import { IdleWatch } from '../session/idle-watch';
import { Footer } from './footer';
import { Header } from './header';
import { MaintenanceBanner } from './maintenance-banner';
import { Menu } from './menu';
import { useShellTexts } from './shell-texts';

const isLogIn = (href: string) => /^\/login\b/.test(href);

/** What stands around every page. */
export function Shell() {
  const session = useSession();
  const navigate = useNavigate();
  const href = useRouterState({ select: ({ location }) => location.href });
  useEffect(() => {
    // The address changes before this page is gone.
    if (!session && !isLogIn(href)) void navigate({ to: '/login', search: { to: href }, replace: true });
  }, [session, navigate, href]);
  if (!session) return null;
  if (session.session?.mustChangePassword) return <MustChangePassword />;
  return (
    <StreamProvider>
      <SkipLink />
      <Header />
      <MaintenanceBanner />
      <div className="console-body">
        <Menu />
        <Main />
      </div>
      <Footer />
      <IdleWatch />
    </StreamProvider>
  );
}

function SkipLink() {
  const t = useShellTexts();
  return (
    <div className="skiplinks">
      <a className="visually-hidden-focusable" href="#content">
        {t('skip')}
      </a>
    </div>
  );
}

/** Moves the focus to the content when another page is opened, so that a screen reader begins to read there. */
function Main() {
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) main.current?.focus();
    before.current = path;
  }, [path]);
  return (
    <main id="content" ref={main} tabIndex={-1}>
      <Outlet />
    </main>
  );
}
