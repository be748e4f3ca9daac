import type { OperatorName } from '../support/operators.js';

/** Who may call each door: p platform, s service-centre, o participant (its own), a auditor. `open`: everybody; `itself`: any operator. */
export const DOORS: Readonly<Record<string, string>> = {
  'GET /admin/node': 'p..a',
  'GET /admin/metrics': 'p..a',
  'GET /admin/system': 'p..a',
  'GET /admin/system/history': 'p..a',
  'GET /admin/system/diagnostics': 'p...',
  'GET /admin/maintenance': 'itself',
  'PUT /admin/maintenance': 'p...',
  'DELETE /admin/maintenance': 'p...',
  'GET /admin/messages': 'psoa',
  'GET /admin/messages/export': 'psoa',
  'GET /admin/messages/{id}': 'psoa',
  'POST /admin/messages/{id}/notes': 'pso.',
  'GET /admin/messages/{id}/timeline': 'psoa',
  'GET /admin/messages/{id}/explanation': 'psoa',
  'GET /admin/messages/{id}/content': 'pso.',
  'GET /admin/messages/{id}/deliveries/{delivery}/content': 'pso.',
  'POST /admin/messages/{id}/retry': 'ps..',
  'POST /admin/messages/{id}/cancel': 'ps..',
  'GET /admin/messages/{id}/correction-draft': 'ps..',
  'POST /admin/messages/{id}/corrections': 'ps..',
  'GET /admin/corrections': 'ps..',
  'GET /admin/corrections/{id}': 'ps..',
  'GET /admin/corrections/{id}/content': 'ps..',
  'POST /admin/corrections/{id}/approve': 'ps..',
  'POST /admin/corrections/{id}/reject': 'ps..',
  'GET /admin/deliveries': 'psoa',
  'GET /admin/dead-letters': 'psoa',
  'GET /admin/situation': 'psoa',
  'GET /admin/flows': 'psoa',
  'GET /admin/flows/map': 'psoa',
  'GET /admin/queues': 'psoa',
  'GET /admin/queues/{id}/series': 'psoa',
  'POST /admin/queues/{id}/release': 'pso.',
  'POST /admin/queues/{id}/priority': 'pso.',
  'POST /admin/agreements/{id}/drain': 'pso.',
  'POST /admin/agreements/{id}/reopen': 'pso.',
  'GET /admin/certificates': 'psoa',
  'GET /admin/certificates/own': 'p..a',
  'GET /admin/reports/{kind}': 'psoa',
  'GET /admin/report-schedules': 'pso.',
  'POST /admin/report-schedules': 'pso.',
  'DELETE /admin/report-schedules/{id}': 'pso.',
  'POST /admin/report-schedules/{id}/send': 'pso.',
  'POST /admin/jobs/preview': 'psoa',
  'POST /admin/jobs': 'ps..',
  'GET /admin/jobs': 'psoa',
  'GET /admin/jobs/{id}': 'psoa',
  'GET /admin/jobs/{id}/items': 'psoa',
  'POST /admin/jobs/{id}/approve': 'ps..',
  'POST /admin/jobs/{id}/reject': 'ps..',
  'POST /admin/jobs/{id}/pause': 'ps..',
  'POST /admin/jobs/{id}/resume': 'ps..',
  'POST /admin/jobs/{id}/cancel': 'ps..',
  'POST /admin/jobs/{id}/rate': 'ps..',
  'GET /admin/events': 'psoa',
  'GET /admin/registry': 'psoa',
  'POST /admin/registry/reload': 'p...',
  'GET /admin/registry/documents': 'psoa',
  'GET /admin/registry/documents/{kind}/{id}': 'psoa',
  'GET /admin/registry/documents/{kind}/{id}/text': 'psoa',
  'GET /admin/registry/documents/{kind}/{id}/file': 'psoa',
  'GET /admin/registry/documents/{kind}/{id}/history': 'psoa',
  'POST /admin/registry/documents/{kind}/{id}/check': 'ps..',
  'PUT /admin/registry/documents/{kind}/{id}': 'ps..',
  'DELETE /admin/registry/documents/{kind}/{id}': 'ps..',
  'GET /admin/registry/history': 'p..a',
  'GET /admin/registry/export': 'p...',
  'POST /admin/registry/plan': 'p...',
  'POST /admin/registry/apply': 'p...',
  'GET /admin/agreements': 'psoa',
  'POST /admin/agreements': 'pso.',
  'POST /admin/agreements/{id}/grant': 'pso.',
  'POST /admin/agreements/{id}/suspend': 'pso.',
  'POST /admin/agreements/{id}/resume': 'pso.',
  'POST /admin/agreements/{id}/revoke': 'pso.',
  'POST /admin/participants/{id}/suspend': 'ps..',
  'POST /admin/participants/{id}/resume': 'ps..',
  'POST /admin/systems/{id}/pause': 'pso.',
  'POST /admin/systems/{id}/resume': 'pso.',
  'POST /admin/systems/{id}/connectivity': 'pso.',
  'POST /admin/systems/{id}/api-keys': 'ps..',
  'POST /admin/systems/{id}/certificates/check': 'ps..',
  'POST /admin/systems/{id}/certificates': 'ps..',
  'DELETE /admin/systems/{id}/certificates/{thumbprint}': 'ps..',
  'POST /admin/systems/{id}/test-messages': 'pso.',
  'GET /admin/services/{id}/versions/{version}/example': 'psoa',
  'GET /admin/directory': 'psoa',
  'GET /admin/services': 'psoa',
  'POST /admin/services': 'pso.',
  'GET /admin/services/{id}/versions/{version}': 'psoa',
  'GET /admin/services/{id}/versions/{version}/file': 'psoa',
  'GET /admin/services/{id}/versions/{version}/compatibility': 'psoa',
  'POST /admin/services/{id}/versions/{version}/publish': 'pso.',
  'POST /admin/services/{id}/versions/{version}/deprecate': 'pso.',
  'POST /admin/services/{id}/versions/{version}/retire': 'pso.',
  'POST /admin/services/{id}/versions/{version}/validate': 'psoa',
  'GET /admin/routes': 'psoa',
  'POST /admin/broker/grants/{system}': 'ps..',
  'POST /admin/keys/rotate': 'p...',
  'POST /admin/session': 'open',
  'GET /admin/session': 'itself',
  'DELETE /admin/session': 'itself',
  'DELETE /admin/session/all': 'itself',
  'PUT /admin/session/password': 'itself',
  'GET /admin/session/filters': 'itself',
  'PUT /admin/session/filters/{page}': 'itself',
  'POST /admin/session/second-factor': 'itself',
  'POST /admin/session/second-factor/confirmation': 'itself',
  'POST /admin/session/second-factor/removal': 'itself',
  'GET /admin/session/methods': 'open',
  'GET /admin/session/oidc': 'open',
  'GET /admin/session/oidc/callback': 'open',
  'GET /admin/operators': 'p...',
  'GET /admin/roles': 'itself',
  'GET /admin/operators/{id}/account': 'p...',
  'POST /admin/operators/{id}/account': 'p...',
  'DELETE /admin/operators/{id}/account': 'p...',
  'DELETE /admin/operators/{id}/sessions': 'p...',
  'GET /admin/audit': 'p..a',
  'GET /admin/alerts': 'psoa',
  'GET /admin/alerts/rules': 'psoa',
  'PUT /admin/alerts/rules/{id}': 'p...',
  'DELETE /admin/alerts/rules/{id}': 'p...',
  'POST /admin/alerts/{id}/acknowledge': 'pso.',
  'POST /admin/alerts/{id}/silence': 'pso.',
  'POST /admin/alerts/channels/test': 'p...',
  'GET /admin/openapi.json': 'open',
  'GET /admin/openapi.yaml': 'open',
  'GET /admin/reference': 'open',
  'GET /admin/reference/start.js': 'open',
  'GET /admin/reference/swagger-ui.css': 'open',
  'GET /admin/reference/swagger-ui-bundle.js': 'open',
  'GET /admin/reference/favicon-32x32.png': 'open',
};

export const LETTERS: Readonly<Record<OperatorName, string>> = {
  platform: 'p',
  region: 's',
  centre: 's',
  sulmona: 'o',
  raiano: 'o',
  auditor: 'a',
  'auditor-raiano': 'a',
};

/** Operators in whose scope a thing is: a message from Sulmona to Pratola, or what is of one body. */
const WITHIN: Readonly<Record<'message' | 'sulmona' | 'pratola' | 'platform', readonly OperatorName[]>> = {
  message: ['platform', 'region', 'centre', 'sulmona', 'auditor'],
  sulmona: ['platform', 'region', 'sulmona', 'auditor'],
  pratola: ['platform', 'region', 'centre', 'auditor'],
  platform: ['platform'],
};

export interface ScopedDoor {
  readonly door: string;
  /** MESSAGE and JOB stand for the ids of the test. */
  readonly path: string;
  readonly within: readonly OperatorName[];
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const scoped = (of: keyof typeof WITHIN, door: string, path: string, body?: object): ScopedDoor => ({
  door,
  path,
  within: WITHIN[of],
  ...(body && { body }),
});

const SYSTEM = '/admin/registry/documents/system/sulmona.anagrafe';
const SYSTEM_DOCUMENT = { kind: 'system', id: 'sulmona.anagrafe', participant: 'c_i804' };
const IF_NEW = { 'if-none-match': '*' };
const AGREEMENT = '/admin/agreements/c_i804-c_h007-VariazioneAnagrafica';
const VERSION = '/admin/services/VariazioneAnagrafica/versions/1';
const ASKED = {
  id: 'di-prova',
  consumer: 'c_i804',
  provider: 'c_h166',
  service: 'VariazioneAnagrafica',
  version: 1,
  filtersDuplicates: false,
};

/** Every door that names one thing of somebody's; what changes it comes last. */
export const SCOPED: readonly ScopedDoor[] = [
  ...['', '/timeline', '/explanation', '/content'].map((part) =>
    scoped('message', `GET /admin/messages/{id}${part}`, `/admin/messages/MESSAGE${part}`),
  ),
  scoped('pratola', 'GET /admin/jobs/{id}', '/admin/jobs/JOB'),
  scoped('pratola', 'GET /admin/jobs/{id}/items', '/admin/jobs/JOB/items'),
  ...['approve', 'reject?reason=x', 'pause', 'resume', 'rate?rate=5', 'cancel'].map((turn) =>
    scoped('pratola', `POST /admin/jobs/{id}/${turn.split('?')[0]}`, `/admin/jobs/JOB/${turn}`),
  ),
  scoped('sulmona', 'GET /admin/routes', '/admin/routes?system=sulmona.anagrafe'),
  scoped('sulmona', 'GET /admin/queues/{id}/series', '/admin/queues/sulmona.anagrafe/series'),
  scoped('sulmona', 'GET /admin/registry/documents/{kind}/{id}', SYSTEM),
  scoped('sulmona', 'GET /admin/registry/documents/{kind}/{id}/text', `${SYSTEM}/text`),
  scoped('sulmona', 'GET /admin/registry/documents/{kind}/{id}/file', `${SYSTEM}/file`),
  scoped('sulmona', 'POST /admin/registry/documents/{kind}/{id}/check', `${SYSTEM}/check`, {
    text: JSON.stringify(SYSTEM_DOCUMENT),
  }),
  // Sent as a new one: inside the scope it is told that there is one.
  { ...scoped('sulmona', 'PUT /admin/registry/documents/{kind}/{id}', SYSTEM, SYSTEM_DOCUMENT), headers: IF_NEW },
  scoped('sulmona', 'DELETE /admin/registry/documents/{kind}/{id}', SYSTEM),
  scoped('sulmona', 'POST /admin/broker/grants/{system}', '/admin/broker/grants/sulmona.anagrafe'),
  // What one has held back the others below it do not let go: resuming comes first.
  scoped('sulmona', 'POST /admin/systems/{id}/resume', '/admin/systems/sulmona.anagrafe/resume'),
  scoped('sulmona', 'POST /admin/systems/{id}/pause', '/admin/systems/sulmona.anagrafe/pause'),
  scoped('sulmona', 'POST /admin/systems/{id}/connectivity', '/admin/systems/sulmona.anagrafe/connectivity'),
  scoped('sulmona', 'POST /admin/systems/{id}/api-keys', '/admin/systems/sulmona.anagrafe/api-keys'),
  // A text without a certificate inside the scope: 400; nothing to take away: 200.
  ...['/check', '?reason=x'].map((order) =>
    scoped(
      'sulmona',
      `POST /admin/systems/{id}/certificates${order.replace(/[?].*/, '')}`,
      `/admin/systems/sulmona.anagrafe/certificates${order}`,
      { certificate: 'none' },
    ),
  ),
  scoped(
    'sulmona',
    'DELETE /admin/systems/{id}/certificates/{thumbprint}',
    `/admin/systems/sulmona.anagrafe/certificates/${'0'.repeat(64)}?reason=x`,
  ),
  // Without a service inside the scope: 400.
  scoped('sulmona', 'POST /admin/systems/{id}/test-messages', '/admin/systems/sulmona.anagrafe/test-messages'),
  ...['resume', 'suspend'].map((turn) =>
    scoped('sulmona', `POST /admin/participants/{id}/${turn}`, `/admin/participants/c_i804/${turn}?reason=x`),
  ),
  ...['release?reason=x', 'priority?reason=x&priority=9'].map((order) =>
    scoped('sulmona', `POST /admin/queues/{id}/${order.split('?')[0]}`, `/admin/queues/sulmona.anagrafe/${order}`),
  ),
  scoped('sulmona', 'POST /admin/agreements', '/admin/agreements', ASKED),
  scoped('message', 'POST /admin/messages/{id}/notes', '/admin/messages/MESSAGE/notes', { note: 'x' }),
  // Who looks after the sender; without a body inside the scope: 400.
  scoped('sulmona', 'GET /admin/messages/{id}/correction-draft', '/admin/messages/MESSAGE/correction-draft'),
  scoped('sulmona', 'POST /admin/messages/{id}/corrections', '/admin/messages/MESSAGE/corrections'),
  ...['retry', 'cancel'].map((order) =>
    scoped('message', `POST /admin/messages/{id}/${order}`, `/admin/messages/MESSAGE/${order}?reason=x`),
  ),
  ...['grant', 'drain', 'reopen', 'resume', 'suspend'].map((turn) =>
    scoped('pratola', `POST /admin/agreements/{id}/${turn}`, `${AGREEMENT}/${turn}`),
  ),
  scoped('message', 'POST /admin/agreements/{id}/revoke', `${AGREEMENT}/revoke`),
  ...['publish', 'deprecate', 'retire'].map((turn) =>
    scoped('platform', `POST /admin/services/{id}/versions/{version}/${turn}`, `${VERSION}/${turn}`),
  ),
];
