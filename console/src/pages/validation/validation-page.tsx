import { useMemo } from 'react';
import { api, type Schemas } from '../../api/client';
import { usePages } from '../../api/pages';
import type { Column } from '../../parts/data-table';
import { PageTable } from '../../parts/page-table';
import { PageTitle } from '../../parts/page-title';
import { useSearchState } from '../../parts/search-state';
import { TryIt } from './try-it';
import { useValidationTexts } from './validation-texts';

type Stored = Schemas['StoredDocument'];

interface Service {
  readonly id: string;
  readonly version: number;
  readonly status?: string;
  readonly owner?: string;
}

const serviceOf = ({ document }: Stored) => document as unknown as Service;

/** The schemas that messages are held against, and a way to try a message before a vendor sends it. */
export function Page() {
  const t = useValidationTexts();
  const [search, change] = useSearchState();
  const pages = usePages(['services'], async (after, signal) => {
    const query = { limit: 100, ...(after && { after }) };
    return (await api.GET('/admin/services', { params: { query }, signal })).data!;
  });
  const columns = useMemo<readonly Column<Stored>[]>(
    () => [
      { id: 'service', header: t('service'), cell: (row) => serviceOf(row).id },
      { id: 'version', header: t('version'), cell: (row) => serviceOf(row).version },
      { id: 'status', header: t('status'), cell: (row) => serviceOf(row).status ?? 'published' },
      { id: 'owner', header: t('owner'), cell: (row) => serviceOf(row).owner ?? '—' },
      { id: 'files', header: t('files'), cell: ({ files }) => Object.keys(files).join(', ') },
      {
        id: 'choose',
        header: t('tryIt'),
        cell: (row) => {
          const { id, version } = serviceOf(row);
          return (
            <button
              type="button"
              className="btn btn-xs btn-outline-primary"
              onClick={() => change({ service: id, version: String(version) })}
            >
              {t('choose')}
              <span className="visually-hidden">
                {' '}
                {id} v{version}
              </span>
            </button>
          );
        },
      },
    ],
    // `change` is new at each rendering and always does the same.
    [t],
  );
  return (
    <>
      <PageTitle>{t('title')}</PageTitle>
      <section aria-labelledby="catalogue">
        <h2 id="catalogue" className="h5">
          {t('catalogue')}
        </h2>
        <PageTable pages={pages} caption={t('catalogue')} columns={columns} rowId={({ key }) => key} />
      </section>
      <section aria-labelledby="try-it">
        <h2 id="try-it" className="h5">
          {t('tryIt')}
        </h2>
        <p>{t('tryItText')}</p>
        {search['service'] && search['version'] ? (
          <TryIt
            key={`${search['service']} ${search['version']}`}
            service={search['service']}
            version={Number(search['version'])}
          />
        ) : (
          <p>{t('first')}</p>
        )}
      </section>
    </>
  );
}
