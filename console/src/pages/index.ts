import type { ComponentType } from 'react';
import type { Action } from '../api/session';

export interface PageEntry {
  readonly path: string;
  readonly load: () => Promise<{ readonly Page: ComponentType }>;
  /** Where it stands in the menu: the key of its name in shell/menu-texts; left out: it does not. */
  readonly menu?: string;
  /** Without it the page is not offered; left out: for everybody. */
  readonly needs?: Action;
}

/** Every page, in the order of the menu. Each is a chunk of its own, loaded when it is opened. */
export const PAGES: readonly PageEntry[] = [
  { path: '/messages', load: () => import('./messages/messages-page'), menu: 'messages', needs: 'messages.read' },
  { path: '/messages/$id', load: () => import('./message/message-page') },
  { path: '/account', load: () => import('./account/account-page') },
  { path: '/accessibility', load: () => import('./accessibility/accessibility-page') },
];
