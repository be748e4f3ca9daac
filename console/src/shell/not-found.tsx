import { Link } from '@tanstack/react-router';
import { PageTitle } from '../parts/page-title';
import { useShellTexts } from './shell-texts';

export function NotFound() {
  const t = useShellTexts();
  return (
    <div className="p-4">
      <PageTitle>{t('notFound')}</PageTitle>
      <p>{t('notFoundText')}</p>
      <Link to={'/messages' as string}>{t('toStart')}</Link>
    </div>
  );
}
