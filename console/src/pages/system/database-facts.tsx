import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client';
import { useNumbers } from '../../i18n/numbers';
import { When } from '../../i18n/when';
import { Facts } from './facts';
import { useSystemTexts } from './system-texts';

/** The database of all nodes, or why it cannot be asked. */
export function DatabaseFacts({ system: { database, databaseFault } }: { readonly system: Schemas['System'] }) {
  const t = useSystemTexts();
  const { bytes, duration } = useNumbers();
  const away: readonly (readonly [string, ReactNode])[] = [[t('reachable'), t('away', { code: databaseFault ?? '' })]];
  return (
    <section aria-labelledby="database">
      <h2 id="database" className="h5">
        {t('database')}
      </h2>
      {!database && <Facts facts={away} />}
      {database && (
        <Facts
          facts={[
            [t('reachable'), t('answered', { ms: duration(database.ms) })],
            [t('version'), database.version],
            [t('size'), bytes(database.bytes)],
            [t('migrations'), t('migrated', { applied: database.migrations.applied, last: database.migrations.last })],
            [t('pending'), database.migrations.pending.join(', ') || t('none')],
            [t('foreign'), database.migrations.foreign.join(', ') || t('none')],
            [t('backup'), <BaseBackup database={database} />],
            [t('archive'), <Archive archive={database.archive} />],
            [t('nodes'), database.nodes.join(', ') || '1'],
          ]}
        />
      )}
    </section>
  );
}

function BaseBackup({ database: { archive, baseBackup } }: { readonly database: Schemas['Database'] }) {
  const t = useSystemTexts();
  if (archive.mode === 'off') return <>{t('backup.off')}</>;
  if (!baseBackup.isVisible) return <>{t('backup.hidden')}</>;
  if (!baseBackup.endedAt) return <>{t('backup.none')}</>;
  return (
    <>
      {t('backup.at')} <When at={baseBackup.endedAt} ago />
    </>
  );
}

type Archive = Schemas['Database']['archive'];

function Archive({ archive: { mode, archivedAt, failedAt } }: { readonly archive: Archive }) {
  const t = useSystemTexts();
  if (mode === 'off') return <>{t('archive.off')}</>;
  return (
    <>
      {archivedAt ? t('archive.at') : t('archive.never')} {archivedAt && <When at={archivedAt} ago />}
      {failedAt && (
        <>
          ; {t('archive.failed')} <When at={failedAt} ago />
        </>
      )}
    </>
  );
}
