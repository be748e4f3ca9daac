import type { Schemas } from '../../api/client';
import { When } from '../../i18n/when';
import { FaultView } from '../../parts/fault-view';
import { StateBadge } from '../../parts/state-badge';
import { useMessageDetailTexts } from './message-texts';

export function Deliveries({ message: { deliveries } }: { readonly message: Schemas['MessageDetail'] }) {
  const t = useMessageDetailTexts();
  if (deliveries.length === 0) return null;
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries" className="h5">
        {t('deliveries')}
      </h2>
      <div className="console-scroll" tabIndex={0} role="region" aria-labelledby="deliveries">
        <table className="table">
          <thead>
            <tr>
              {(['receiver', 'state', 'attempts', 'next', 'expires', 'fault'] as const).map((name) => (
                <th key={name} scope="col">
                  {t(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {deliveries.map((one) => (
              <Row key={one.deliveryId} delivery={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ delivery }: { readonly delivery: Schemas['Delivery'] }) {
  return (
    <tr>
      <th scope="row">{delivery.receiver}</th>
      <td>
        <StateBadge state={delivery.state} />
      </td>
      <td>{delivery.attempts}</td>
      <td>
        <When at={delivery.nextAttemptAt} />
      </td>
      <td>
        <When at={delivery.expiresAt} />
      </td>
      <td>{delivery.fault ? <FaultView fault={delivery.fault} /> : '—'}</td>
    </tr>
  );
}
