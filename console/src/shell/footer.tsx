import { Link } from '@tanstack/react-router';
import { useShellTexts } from './shell-texts';

export function Footer() {
  const t = useShellTexts();
  return (
    <footer className="console-footer">
      <span>{t('licence')}</span>
      <Link to={'/accessibility' as string}>{t('statement')}</Link>
      <a href="/admin/reference">{t('api')}</a>
    </footer>
  );
}
