import { useServiceTexts } from './service-texts';

export const STATUSES = ['draft', 'published', 'deprecated', 'retired'] as const;
export type Status = (typeof STATUSES)[number];

const LOOKS: Readonly<Record<Status, readonly [string, string]>> = {
  draft: ['primary', '✎'],
  published: ['success', '✓'],
  deprecated: ['warning', '‖'],
  retired: ['danger', '✕'],
};

export function ServiceStatus({ status }: { readonly status: Status }) {
  const t = useServiceTexts();
  const [colour, sign] = LOOKS[status];
  return (
    <span className={`console-state console-state-${colour}`} data-status={status}>
      <span aria-hidden="true">{sign}</span> {t(`status.${status}`)}
    </span>
  );
}
