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
  { path: '/', load: () => import('./situation/situation-page'), menu: 'situation', needs: 'statistics.read' },
  { path: '/flows', load: () => import('./flows/flows-page'), menu: 'flows', needs: 'statistics.read' },
  { path: '/flow-map', load: () => import('./flow-map/flow-map-page'), menu: 'flowMap', needs: 'statistics.read' },
  { path: '/messages', load: () => import('./messages/messages-page'), menu: 'messages', needs: 'messages.read' },
  { path: '/queues', load: () => import('./queues/queues-page'), menu: 'queues', needs: 'statistics.read' },
  {
    path: '/dead-letters',
    load: () => import('./dead-letters/dead-letters-page'),
    menu: 'deadLetters',
    needs: 'messages.read',
  },
  { path: '/jobs', load: () => import('./jobs/jobs-page'), menu: 'jobs', needs: 'messages.read' },
  { path: '/jobs/$id', load: () => import('./jobs/job-page') },
  {
    path: '/corrections',
    load: () => import('./corrections/corrections-page'),
    menu: 'corrections',
    needs: 'messages.correct',
  },
  { path: '/corrections/$id', load: () => import('./corrections/correction-page') },
  { path: '/messages/$id/correct', load: () => import('./corrections/new-correction-page') },
  {
    path: '/validation',
    load: () => import('./validation/validation-page'),
    menu: 'validation',
    needs: 'registry.read',
  },
  { path: '/services', load: () => import('./services/services-page'), menu: 'services', needs: 'registry.read' },
  { path: '/services/$id/$version', load: () => import('./services/service-page') },
  { path: '/documents/$kind/$id', load: () => import('./document/document-page') },
  { path: '/routes', load: () => import('./routes/routes-page'), menu: 'routes', needs: 'registry.read' },
  {
    path: '/participants',
    load: () => import('./participants/participants-page'),
    menu: 'participants',
    needs: 'registry.read',
  },
  { path: '/participants/$id', load: () => import('./participant/participant-page') },
  { path: '/onboarding', load: () => import('./onboarding/onboarding-page') },
  {
    path: '/agreements',
    load: () => import('./agreements/agreements-page'),
    menu: 'agreements',
    needs: 'registry.read',
  },
  { path: '/alerts', load: () => import('./alerts/alerts-page'), menu: 'alerts', needs: 'alerts.read' },
  { path: '/reports', load: () => import('./reports/reports-page'), menu: 'reports', needs: 'statistics.read' },
  { path: '/audit', load: () => import('./audit/audit-page'), menu: 'audit', needs: 'audit.read' },
  {
    path: '/certificates',
    load: () => import('./certificates/certificates-page'),
    menu: 'certificates',
    needs: 'registry.read',
  },
  { path: '/operators', load: () => import('./operators/operators-page'), menu: 'operators', needs: 'account.write' },
  { path: '/roles', load: () => import('./operators/roles-page') },
  { path: '/system', load: () => import('./system/system-page'), menu: 'system', needs: 'node.read' },
  { path: '/messages/$id', load: () => import('./message/message-page') },
  { path: '/compare', load: () => import('./compare/compare-page') },
  { path: '/help', load: () => import('./help/help-page'), menu: 'help' },
  { path: '/account', load: () => import('./account/account-page') },
  { path: '/accessibility', load: () => import('./accessibility/accessibility-page') },
];
