import { Link, useParams } from '@tanstack/react-router';
import { useMemo, type ReactNode } from 'react';
import { hooks, type Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { DataTable, type Column } from '../../parts/data-table';
import { DocumentLink } from '../../parts/document-link';
import { Loading } from '../../parts/loading';
import { PageTitle } from '../../parts/page-title';
import { ProblemNote } from '../../parts/problem-note';
import { InterfaceFiles } from './interface-files';
import { ServiceOrders } from './service-orders';
import { ServiceStatus } from './service-status';
import { useServiceTexts } from './service-texts';
import { ServiceUsers } from './service-users';
import { VersionComparison } from './version-comparison';

type Version = Schemas['ServiceVersion'];
type Operation = Schemas['ServiceOperation'];

/** One version of a service: what it offers, its interface, what changed, who uses it. */
export function Page() {
  const { id, version } = useParams({ strict: false }) as { id: string; version: string };
  const params = { params: { path: { id, version: Number(version) } } };
  const { data, error, isPending, refetch } = hooks.useQuery('get', '/admin/services/{id}/versions/{version}', params);
  if (isPending) return <Loading />;
  if (!data) return <ProblemNote error={error} again={() => void refetch()} />;
  return (
    <>
      <PageTitle aside={<ServiceOrders service={data} />}>{`${data.id} v${data.version}`}</PageTitle>
      <p>
        <DocumentLink kind="service" id={data.id} version={data.version} />
      </p>
      <Facts service={data} />
      <Operations operations={data.operations} />
      <InterfaceFiles id={data.id} version={data.version} paths={Object.keys(data.stored.files).sort()} />
      <VersionComparison service={data} />
      <ServiceUsers service={data} />
    </>
  );
}

function Facts({ service }: { readonly service: Version }) {
  const t = useServiceTexts();
  const { bytes } = useNumbers();
  const { id, version, deprecated, sunset, maxAttachmentBytes, stored } = service;
  const facts: readonly (readonly [string, ReactNode])[] = [
    [t('status'), <ServiceStatus key="status" status={service.status} />],
    [t('name'), service.title],
    [t('owner'), service.owner ?? t('platform')],
    [t('versions'), <Versions key="versions" id={id} version={version} versions={service.versions} />],
    [t('maxBytes'), bytes(service.maxBytes)],
    [t('maxAttachmentBytes'), maxAttachmentBytes !== null && bytes(maxAttachmentBytes)],
    [t('deprecated'), deprecated && <When key="deprecated" at={deprecated} />],
    [t('sunset'), sunset && <When key="sunset" at={sunset} />],
    [t('changed'), <When key="changed" at={stored.changedAt} ago />],
  ];
  return (
    <section aria-label={t('facts')}>
      <dl className="console-facts">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function Versions({ id, version, versions }: Pick<Version, 'id' | 'version' | 'versions'>) {
  return (
    <span className="console-orders">
      {versions.map((one) =>
        one.version === version ? (
          <strong key={one.version} aria-current="page">
            v{one.version}
          </strong>
        ) : (
          <Link key={one.version} to={`/services/${id}/${one.version}` as string}>
            v{one.version}
          </Link>
        ),
      )}
    </span>
  );
}

function Operations({ operations }: { readonly operations: readonly Operation[] }) {
  const t = useServiceTexts();
  const columns = useMemo<readonly Column<Operation>[]>(
    () => [
      { id: 'operation', header: t('operation'), cell: ({ name }) => name },
      { id: 'profile', header: t('profile'), cell: ({ profile }) => t(`profile.${profile}`) },
      {
        id: 'rest',
        header: t('rest'),
        cell: ({ method, path }) => (path === null ? '—' : <code>{`${method} ${path}`}</code>),
      },
      {
        id: 'soap',
        header: t('soap'),
        cell: ({ soapAction, element }) => (soapAction || element ? <code>{soapAction ?? element?.name}</code> : '—'),
      },
      { id: 'event', header: t('event'), cell: ({ eventType }) => (eventType ? <code>{eventType}</code> : '—') },
    ],
    [t],
  );
  return (
    <section aria-labelledby="operations">
      <h2 id="operations" className="h5">
        {t('operations')}
      </h2>
      <DataTable caption={t('operations')} columns={columns} rows={operations} rowId={({ name }) => name} />
    </section>
  );
}
