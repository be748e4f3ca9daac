import { json } from '@codemirror/lang-json';
import { xml } from '@codemirror/lang-xml';
import { yaml } from '@codemirror/lang-yaml';
import { defaultHighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { isJson, isXml } from './media-types';

function languageOf(type: string): Extension {
  if (isXml(type)) return xml();
  if (isJson(type)) return json();
  return /\byaml\b/.test(type) ? yaml() : [];
}

/** How a document of a media type looks: lines numbered, coloured, wrapped, named for a screen reader. */
export function looksOf(label: string, type: string, isEdited: boolean): Extension {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
  return [
    EditorView.cspNonce.of(nonce),
    lineNumbers(),
    languageOf(type),
    syntaxHighlighting(defaultHighlightStyle),
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ 'aria-label': label, 'aria-readonly': String(!isEdited), tabindex: '0' }),
    EditorState.readOnly.of(!isEdited),
  ];
}
