import { useRef, useState } from 'react';
import { api, hooks } from '../../api/client';
import { useMay } from '../../api/session';
import { Field } from '../../parts/field';
import { OrderDialog } from '../../parts/order-dialog';
import { useSystemTexts } from './system-texts';

/** Begins and ends maintenance of the whole gateway, after saying what that does. */
export function Maintenance() {
  const t = useSystemTexts();
  const may = useMay();
  const [asked, ask] = useState<'begin' | 'end' | null>(null);
  const { data } = hooks.useQuery('get', '/admin/maintenance', {}, { refetchInterval: 10_000 });
  const isOn = Boolean(data?.maintenance);
  return (
    <section aria-labelledby="maintenance">
      <h2 id="maintenance" className="h5">
        {t('maintenance')}
      </h2>
      <p data-maintenance={isOn}>{t(isOn ? 'maintenance.on' : 'maintenance.off')}</p>
      {may('gateway.maintain') && (
        <div className="d-flex gap-2">
          <button type="button" className="btn btn-sm btn-outline-primary" onClick={() => ask('begin')}>
            {t(isOn ? 'maintenance.change' : 'maintenance.begin')}
          </button>
          {isOn && (
            <button type="button" className="btn btn-sm btn-primary" onClick={() => ask('end')}>
              {t('maintenance.end')}
            </button>
          )}
        </div>
      )}
      {asked === 'begin' && <Begin onClose={() => ask(null)} />}
      {asked === 'end' && <End onClose={() => ask(null)} />}
    </section>
  );
}

const CHANGES = ['get', '/admin/maintenance'];

function Begin({ onClose }: { readonly onClose: () => void }) {
  const t = useSystemTexts();
  const minutes = useRef('');
  const give = (reason: string) => {
    const until = minutes.current && new Date(Date.now() + Number(minutes.current) * 60_000).toISOString();
    return api.PUT('/admin/maintenance', { params: { query: { reason, ...(until && { until }) } } });
  };
  return (
    <OrderDialog
      title={t('maintenance.begin')}
      text={t('maintenance.beginText')}
      confirm={t('maintenance.begin')}
      give={give}
      changes={CHANGES}
      onClose={onClose}
    >
      <Field
        name="minutes"
        label={t('maintenance.minutes')}
        hint={t('maintenance.minutesHint')}
        type="number"
        min={1}
        max={10_080}
        onChange={({ currentTarget }) => void (minutes.current = currentTarget.value)}
      />
    </OrderDialog>
  );
}

function End({ onClose }: { readonly onClose: () => void }) {
  const t = useSystemTexts();
  return (
    <OrderDialog
      title={t('maintenance.end')}
      text={t('maintenance.endText')}
      confirm={t('maintenance.end')}
      give={(reason) => api.DELETE('/admin/maintenance', { params: { query: { reason } } })}
      changes={CHANGES}
      onClose={onClose}
    />
  );
}
