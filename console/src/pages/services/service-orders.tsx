import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { useMay } from '../../api/session';
import { Field } from '../../parts/field';
import { OrderDialog } from '../../parts/order-dialog';
import type { Status } from './service-status';
import { useServiceTexts } from './service-texts';

type Step = 'publish' | 'deprecate' | 'retire';

const STEPS: Readonly<Record<Status, readonly Step[]>> = {
  draft: ['publish'],
  published: ['deprecate', 'retire'],
  deprecated: ['retire'],
  retired: [],
};

/** The steps that a version can take now. */
export function ServiceOrders({ service }: { readonly service: Schemas['ServiceVersion'] }) {
  const t = useServiceTexts();
  const may = useMay();
  const [step, setStep] = useState<Step | null>(null);
  if (!may('service.publish')) return null;
  return (
    <div className="console-orders">
      {STEPS[service.status].map((one) => (
        <button key={one} type="button" className="btn btn-xs btn-outline-primary" onClick={() => setStep(one)}>
          {t(one)}
        </button>
      ))}
      {step && <StepDialog service={service} step={step} onClose={() => setStep(null)} />}
    </div>
  );
}

interface StepProps {
  readonly service: Schemas['ServiceVersion'];
  readonly step: Step;
  readonly onClose: () => void;
}

function StepDialog({ service: { id, version }, step, onClose }: StepProps) {
  const t = useServiceTexts();
  const client = useQueryClient();
  const [day, setDay] = useState('');
  const give = async (reason: string) => {
    const sunset = step === 'deprecate' && day ? { sunset: new Date(`${day}T23:59:59`).toISOString() } : {};
    const params = { path: { id, version }, query: { reason, ...sunset } };
    const door =
      `/admin/services/{id}/versions/{version}/${step}` as '/admin/services/{id}/versions/{version}/deprecate';
    await api.POST(door, { params });
    await client.invalidateQueries({ queryKey: ['services'] });
  };
  return (
    <OrderDialog
      title={t(`${step}Title`)}
      text={t(`${step}Text`)}
      confirm={t(step)}
      give={give}
      changes={['get', '/admin/services/{id}/versions/{version}']}
      onClose={onClose}
    >
      <p>
        <code>
          {id} v{version}
        </code>
      </p>
      {step === 'deprecate' && (
        <Field
          name="sunset"
          label={t('sunsetField')}
          type="date"
          value={day}
          onChange={(event) => setDay(event.target.value)}
        />
      )}
    </OrderDialog>
  );
}
