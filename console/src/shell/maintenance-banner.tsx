import { hooks } from '../api/client';
import { When } from '../i18n/when';
import { useShellTexts } from './shell-texts';

/** On every page: that nothing new is taken, by whom, why and for how long. */
export function MaintenanceBanner() {
  const t = useShellTexts();
  const { data } = hooks.useQuery('get', '/admin/maintenance', {}, { refetchInterval: 10_000 });
  const maintenance = data?.maintenance;
  return (
    <div role="status">
      {maintenance && (
        <div className="console-maintenance">
          <p>
            <strong>{t('maintenance')}</strong> {t('maintenanceText')}
          </p>
          <p>
            {t('maintenanceBy', { operator: maintenance.operator })} <When at={maintenance.since} />.{' '}
            {t('maintenanceWhy', { reason: maintenance.reason })}{' '}
            {maintenance.until ? (
              <>
                {t('maintenanceUntil')} <When at={maintenance.until} />.
              </>
            ) : (
              t('maintenanceOpen')
            )}
          </p>
        </div>
      )}
    </div>
  );
}
