import { useShellTexts } from '../shell/shell-texts';
import { useLanguage } from '../i18n/texts';
import { useStream } from './stream-provider';

/** Says whether the pages follow what happens, and lets them stand still. */
export function LiveSwitch() {
  const t = useShellTexts();
  const [language] = useLanguage();
  const { state, isPaused, setPaused, lastUpdate } = useStream();
  const time = lastUpdate?.toLocaleTimeString(language, { timeZone: 'Europe/Rome' });
  return (
    <div className="console-live" data-state={state}>
      <label>
        <input type="checkbox" role="switch" checked={!isPaused} onChange={() => setPaused(!isPaused)} /> {t('live')}
      </label>
      <small>
        {t(`state.${state}`)}
        {time && <span className="d-none d-xl-inline"> · {t('lastUpdate', { time })}</span>}
      </small>
    </div>
  );
}
