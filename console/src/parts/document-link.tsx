import { Link } from '@tanstack/react-router';
import { usePartTexts } from './part-texts';

interface Props {
  readonly kind: 'participant' | 'system' | 'service' | 'agreement' | 'issuer';
  readonly id: string;
  /** Of a service. */
  readonly version?: number;
}

/** Leads to what the registry says of something: there it is read, edited, taken out, put back. */
export function DocumentLink({ kind, id, version }: Props) {
  const t = usePartTexts();
  return (
    <Link
      to={`/documents/${kind}/${encodeURIComponent(id)}` as string}
      search={(version === undefined ? {} : { version: String(version) }) as never}
    >
      {t('document')}
      <span className="visually-hidden"> {id}</span>
    </Link>
  );
}
