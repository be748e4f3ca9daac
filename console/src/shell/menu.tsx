import { Link, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useMay } from '../api/session';
import { PAGES } from '../pages';
import { useMenuTexts } from './menu-texts';
import { useShellTexts } from './shell-texts';

/** Beside the page where there is room, else behind a button. */
export function Menu() {
  const t = useShellTexts();
  const name = useMenuTexts();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  useEffect(() => setOpen(false), [path]);
  const offered = PAGES.filter(({ menu, needs }) => menu && (!needs || may(needs)));
  return (
    <nav aria-label={t('menu')} className="console-menu">
      <button
        type="button"
        className="btn btn-sm btn-outline-primary console-menu-button"
        aria-expanded={open}
        aria-controls="menu-pages"
        onClick={() => setOpen(!open)}
      >
        {t('openMenu')}
      </button>
      <ul id="menu-pages" data-open={open}>
        {offered.map(({ path: to, menu }) => (
          <li key={to}>
            <Link to={to as string} activeOptions={{ exact: to === '/', includeSearch: false }}>
              {name(menu as never)}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
