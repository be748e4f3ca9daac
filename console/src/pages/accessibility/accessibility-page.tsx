import { texts } from '../../i18n/texts';
import { PageTitle } from '../../parts/page-title';

const useStatement = texts(
  'accessibility',
  {
    title: 'Dichiarazione di accessibilità',
    state: 'Questa console è progettata per essere conforme a WCAG 2.2 livello AA (EN 301 549, Legge 4/2004).',
    how: 'Ogni pagina è provata a ogni modifica con un controllo automatico (axe-core), con la sola tastiera, a 320 pixel di larghezza e al 400 % di ingrandimento. Una prova con persone che usano un lettore di schermo non è ancora stata fatta.',
    limits:
      'Limiti conosciuti: la mappa dei flussi è un disegno; la stessa informazione è nella tabella accanto. I grafici hanno la tabella dei loro dati.',
    feedback:
      'Segnalazioni: scrivi al centro tecnico che gestisce questo gateway; risponde entro 30 giorni. In caso di risposta insoddisfacente si può ricorrere al Difensore civico per il digitale presso AgID.',
  },
  {
    title: 'Accessibility statement',
    state: 'This console is designed to conform to WCAG 2.2 level AA (EN 301 549, Italian Law 4/2004).',
    how: 'Each page is tried at each change with an automatic check (axe-core), with the keyboard alone, at a width of 320 pixels and at 400 % zoom. A trial with people who use a screen reader has not been made yet.',
    limits:
      'Known limits: the flow map is a drawing; the table beside it says the same. Charts have the table of their data.',
    feedback:
      'Feedback: write to the technical centre that runs this gateway; it answers within 30 days. Where the answer does not satisfy you, there is the digital ombudsman at AgID.',
  },
);

export function Page() {
  const t = useStatement();
  return (
    <div className="console-narrow">
      <PageTitle>{t('title')}</PageTitle>
      <p>{t('state')}</p>
      <p>{t('how')}</p>
      <p>{t('limits')}</p>
      <p>{t('feedback')}</p>
    </div>
  );
}
