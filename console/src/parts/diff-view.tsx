import { goToNextChunk, goToPreviousChunk, unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { looksOf } from './code-looks';
import { usePartTexts } from './part-texts';

interface Props {
  readonly label: string;
  readonly before: string;
  readonly after: string;
  /** Media type, by which both are coloured. */
  readonly type: string;
}

/** Two texts in one: lines that went begin with a minus, lines that came with a plus. */
export default function DiffView({ label, before, after, type }: Props) {
  const t = usePartTexts();
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  useEffect(() => {
    // A line alone is no document: coloured as one it would be shown as wrong.
    const merged = unifiedMergeView({ original: before, mergeControls: false, syntaxHighlightDeletions: false });
    const extensions = [looksOf(label, type, false), merged];
    const shown = new EditorView({ parent: frame.current!, state: EditorState.create({ doc: after, extensions }) });
    view.current = shown;
    return () => shown.destroy();
  }, [label, before, after, type]);
  const go = (step: typeof goToNextChunk) => {
    const shown = view.current!;
    if (step(shown)) shown.dispatch({ scrollIntoView: true });
    shown.focus();
  };
  if (before === after) return <p>{t('same')}</p>;
  return (
    <>
      <p className="console-orders">
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => go(goToPreviousChunk)}>
          {t('previousChange')}
        </button>
        <button type="button" className="btn btn-xs btn-outline-primary" onClick={() => go(goToNextChunk)}>
          {t('nextChange')}
        </button>
      </p>
      <div ref={frame} className="console-code console-diff" />
    </>
  );
}
