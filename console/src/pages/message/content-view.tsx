import { lazy, Suspense, type ReactNode } from 'react';
import { api, type Schemas } from '../../api/client';
import { isText, readContent, type Content as Shown } from '../../api/content';
import { useMay } from '../../api/session';
import { useNumbers } from '../../i18n/numbers';
import { Loading } from '../../parts/loading';
import { OnDemand } from '../../parts/on-demand';
import { useSearchState } from '../../parts/search-state';
import { useMessageDetailTexts } from './message-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

interface Props {
  readonly message: Schemas['MessageDetail'];
}

/** What a message carries, as it came or as a receiver is given it, on demand: each look is written to the audit log. */
export function ContentView({ message }: Props) {
  const t = useMessageDetailTexts();
  const may = useMay();
  const [{ stage = '' }] = useSearchState();
  const isOfDelivery = message.deliveries.some(({ deliveryId }) => deliveryId === stage);
  return (
    <section aria-labelledby="content-of">
      <h2 id="content-of" className="h5">
        {t('content')}
      </h2>
      {!may('messages.payload') && <p>{t('noRight')}</p>}
      {may('messages.payload') && message.deliveries.length > 0 && <Stages message={message} />}
      {may('messages.payload') &&
        (isOfDelivery ? <Given key={stage} id={message.id} deliveryId={stage} /> : <Arrived message={message} />)}
    </section>
  );
}

function Stages({ message: { deliveries } }: Props) {
  const t = useMessageDetailTexts();
  const [{ stage = '' }, change] = useSearchState();
  return (
    <label className="console-filter mb-3">
      {t('stage')}
      <select
        className="form-select form-select-sm"
        value={stage}
        onChange={(event) => change({ stage: event.target.value }, true)}
      >
        <option value="">{t('stage.arrived')}</option>
        {deliveries.map(({ deliveryId, receiver }) => (
          <option key={deliveryId} value={deliveryId}>
            {t('stage.given', { receiver })}
          </option>
        ))}
      </select>
    </label>
  );
}

function Arrived({ message: { id, fault } }: Props) {
  const t = useMessageDetailTexts();
  return (
    <OnDemand text={t('contentText')} button={t('show')} read={() => readContent(id)}>
      {({ type, text }) => (
        <>
          <Document type={type} text={text} violations={fault?.violations ?? []}>
            {isText(type) ? t('tooLong') : t('binary', { type })}
          </Document>
          <a
            className="btn btn-xs btn-outline-primary mt-2"
            href={`/admin/messages/${encodeURIComponent(id)}/content`}
            download
          >
            {t('download')}
          </a>
        </>
      )}
    </OnDemand>
  );
}

/** What the receiver of one delivery is given: headers, and the body in its own shape. */
function Given({ id, deliveryId }: { readonly id: string; readonly deliveryId: string }) {
  const t = useMessageDetailTexts();
  const { bytes } = useNumbers();
  const path = { id, delivery: deliveryId };
  const read = async () =>
    (await api.GET('/admin/messages/{id}/deliveries/{delivery}/content', { params: { path } })).data!;
  return (
    <OnDemand text={t('contentText')} button={t('show')} read={read}>
      {({ system, channel, headers, size, text }) => (
        <>
          <p>{t('givenText', { system, channel: channel ?? '—', size: bytes(size) })}</p>
          <Headers headers={headers} />
          <Document type={headers['content-type'] ?? ''} text={text}>
            {t('notShown')}
          </Document>
        </>
      )}
    </OnDemand>
  );
}

function Headers({ headers }: { readonly headers: Readonly<Record<string, string>> }) {
  const t = useMessageDetailTexts();
  return (
    <dl className="console-facts" aria-label={t('headers')}>
      {Object.entries(headers).map(([name, value]) => (
        <div key={name}>
          <dt>
            <code>{name}</code>
          </dt>
          <dd>
            <code>{value}</code>
          </dd>
        </div>
      ))}
    </dl>
  );
}

interface DocumentProps extends Shown {
  readonly violations?: readonly Schemas['Violation'][];
  /** Said where there is no text to show. */
  readonly children: ReactNode;
}

const NONE: readonly Schemas['Violation'][] = [];

function Document({ type, text, violations = NONE, children }: DocumentProps) {
  const t = useMessageDetailTexts();
  if (text === null) return <p>{children}</p>;
  return (
    <Suspense fallback={<Loading />}>
      <CodeView label={t('contentOf')} text={text} type={type} violations={violations} />
    </Suspense>
  );
}
