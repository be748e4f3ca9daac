import { foldGutter } from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { searchKeymap } from '@codemirror/search';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { EditorState, type Text } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Schemas } from '../api/client';
import { looksOf } from './code-looks';
import { layOut } from './lay-out';

interface Props {
  readonly label: string;
  readonly text: string;
  /** Media type, by which it is coloured and laid out. */
  readonly type: string;
  readonly violations?: readonly Schemas['Violation'][];
  /** Told of each change; left out: it is only read. */
  readonly onChange?: (text: string) => void;
}

/** A document with its lines numbered and the errors of its schema at their lines. */
export default function CodeView({ label, text, type, violations = [], onChange }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const view = useRef<EditorView | null>(null);
  const isEdited = onChange !== undefined;
  // Errors are told by the line of the original: laid out anew it would show them elsewhere.
  const doc = violations.length > 0 || isEdited ? text : layOut(text, type);
  useEffect(() => {
    const extensions = extensionsOf(label, type, isEdited, (now) => change.current?.(now));
    const kept = isEdited ? (view.current?.state.doc ?? doc) : doc;
    const shown = new EditorView({ parent: frame.current!, state: EditorState.create({ doc: kept, extensions }) });
    view.current = shown;
    return () => shown.destroy();
  }, [label, type, isEdited, doc]);
  useEffect(() => {
    const shown = view.current!;
    shown.dispatch(setDiagnostics(shown.state, diagnosticsOf(shown.state.doc, violations)));
  }, [violations, type, doc]);
  return <div ref={frame} className="console-code" />;
}

function extensionsOf(label: string, type: string, isEdited: boolean, onChange: (text: string) => void) {
  return [
    looksOf(label, type, isEdited),
    foldGutter(),
    lintGutter(),
    history(),
    keymap.of([...searchKeymap, ...historyKeymap, ...(isEdited ? defaultKeymap : [])]),
    EditorView.updateListener.of(({ docChanged, state }) => docChanged && onChange(state.doc.toString())),
  ];
}

function diagnosticsOf(doc: Text, violations: readonly Schemas['Violation'][]): Diagnostic[] {
  return violations
    .filter(({ line }) => line !== null && line >= 1 && line <= doc.lines)
    .map(({ line, message, expected }) => {
      const { from, to } = doc.line(line!);
      return { from, to, severity: 'error' as const, message: `${message} (${expected})` };
    })
    .sort((a, b) => a.from - b.from);
}
