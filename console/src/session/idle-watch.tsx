import { useEffect, useState } from 'react';
import { leave, useSession } from '../api/session';
import { Dialog } from '../parts/dialog';
import { useSessionTexts } from './session-texts';

const WARN_S = 60;
const SIGNS = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/**
 * Ends the session of who has left the desk: live updates go on asking, so the gateway alone would take the page for a person. Warns a
 * minute before, and one key is enough to stay (WCAG 2.2 SC 2.2.1).
 */
export function IdleWatch() {
  const t = useSessionTexts();
  const idleSeconds = useSession()?.session?.idleSeconds ?? null;
  const [left, stay] = useSecondsLeft(idleSeconds);
  useEffect(() => {
    if (left === 0) void leave(false);
  }, [left]);
  if (left === null || left > WARN_S || left === 0) return null;
  return (
    <Dialog title={t('idleTitle')} onClose={stay}>
      <p role="alert">{t('idleText', { count: left })}</p>
      <div className="d-flex gap-2">
        <button type="button" className="btn btn-primary" onClick={stay}>
          {t('stay')}
        </button>
        <button type="button" className="btn btn-outline-primary" onClick={() => void leave()}>
          {t('logOut')}
        </button>
      </div>
    </Dialog>
  );
}

/** Counts down from the last sign of a person; null without an end. */
function useSecondsLeft(idleSeconds: number | null): readonly [number | null, () => void] {
  const [lastSign, setLastSign] = useState(() => Date.now());
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const seen = () => setLastSign((before) => (Date.now() - before > 1_000 ? Date.now() : before));
    for (const sign of SIGNS) window.addEventListener(sign, seen, { passive: true });
    const clock = window.setInterval(() => setNow(Date.now()), 1_000);
    return () => {
      for (const sign of SIGNS) window.removeEventListener(sign, seen);
      window.clearInterval(clock);
    };
  }, []);
  const left = idleSeconds === null ? null : Math.max(0, Math.round(idleSeconds - (now - lastSign) / 1_000));
  return [left, () => setLastSign(Date.now())];
}
