import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { queries } from './api/client';
import { sessionQuery } from './api/session';
import { Shell } from './shell/shell';
import { Unexpected } from './shell/unexpected';
import { NotFound } from './shell/not-found';
import { LogInPage } from './session/log-in-page';
import { PAGES } from './pages';

/** What stands in the address of a page; the gateway checks every value anew. */
export type Search = Readonly<Record<string, string | undefined>>;

const search = (raw: Record<string, unknown>): Search =>
  Object.fromEntries(
    Object.entries(raw)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .map(([name, value]) => [name, String(value)]),
  );

const root = createRootRoute({ notFoundComponent: NotFound, errorComponent: Unexpected, validateSearch: search });

const logIn = createRoute({ getParentRoute: () => root, path: 'login', component: LogInPage });

/** Everything but the log-in is for who is logged in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queries.ensureQueryData(sessionQuery);
    if (session === null) throw redirect({ to: '/login', search: { to: location.href } });
  },
});

const pages = PAGES.map(({ path, load }) =>
  createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load, 'Page') }),
);

export const router = createRouter({
  routeTree: root.addChildren([logIn, inside.addChildren(pages)]),
  basepath: '/console',
  scrollRestoration: true,
  defaultPendingMs: 300,
  // Plain values only: `?q=…&sender=…`, as one would type them.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (values) => {
    const filled = Object.entries(values as Search).filter(([, value]) => value !== undefined && value !== '');
    const text = new URLSearchParams(filled as [string, string][]).toString();
    return text && `?${text}`;
  },
});
