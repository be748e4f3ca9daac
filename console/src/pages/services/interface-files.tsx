import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { api } from '../../api/client';
import { Loading } from '../../parts/loading';
import { ProblemNote } from '../../parts/problem-note';
import { useSearchState } from '../../parts/search-state';
import { useServiceTexts } from './service-texts';

const CodeView = lazy(() => import('../../parts/code-view'));

const TYPES: Readonly<Record<string, string>> = {
  xsd: 'text/xml',
  wsdl: 'text/xml',
  xml: 'text/xml',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};

export const typeOf = (path: string): string => TYPES[path.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'text/plain';

export interface VersionFile {
  readonly id: string;
  readonly version: number;
  readonly path: string;
}

export const addressOf = ({ id, version, path }: VersionFile): string =>
  `/admin/services/${encodeURIComponent(id)}/versions/${version}/file?${new URLSearchParams({ path }).toString()}`;

/** The text of a file; not asked for where `isThere` is false. */
export function useFileText({ id, version, path }: VersionFile, isThere = true) {
  return useQuery({
    queryKey: ['service-file', id, version, path],
    enabled: isThere,
    queryFn: async ({ signal }) => {
      const params = { path: { id, version }, query: { path } };
      const { data } = await api.GET('/admin/services/{id}/versions/{version}/file', {
        params,
        signal,
        parseAs: 'arrayBuffer',
      });
      return textOf(data as unknown as ArrayBuffer);
    },
  });
}

/** As its byte order mark says, else UTF-8. */
function textOf(bytes: ArrayBuffer): string {
  const [first, second] = new Uint8Array(bytes.slice(0, 2));
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}

interface Props {
  readonly id: string;
  readonly version: number;
  readonly paths: readonly string[];
}

/** The files of the interface, one of them shown. */
export function InterfaceFiles({ id, version, paths }: Props) {
  const t = useServiceTexts();
  const [search] = useSearchState();
  const path = paths.find((one) => one === search['file']) ?? paths[0];
  return (
    <section aria-labelledby="files">
      <h2 id="files" className="h5">
        {t('files')}
      </h2>
      <FileChoice paths={paths} path={path} />
      {path !== undefined && <FileView file={{ id, version, path }} />}
    </section>
  );
}

function FileChoice({ paths, path }: { readonly paths: readonly string[]; readonly path: string | undefined }) {
  const t = useServiceTexts();
  const [, change] = useSearchState();
  return (
    <label className="console-filter console-wide">
      {t('choose')}
      <select
        className="form-select form-select-sm"
        value={path ?? ''}
        onChange={(event) => change({ file: event.target.value }, true)}
      >
        {paths.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

function FileView({ file }: { readonly file: VersionFile }) {
  const t = useServiceTexts();
  const { data, error, isPending, refetch } = useFileText(file);
  return (
    <>
      {isPending && <Loading />}
      {error && <ProblemNote error={error} again={() => void refetch()} />}
      {data !== undefined && (
        <Suspense fallback={<Loading />}>
          <CodeView label={file.path} text={data} type={typeOf(file.path)} />
        </Suspense>
      )}
      <a className="btn btn-xs btn-outline-primary mt-2" href={addressOf(file)} download>
        {t('download')}
        <span className="visually-hidden"> {file.path}</span>
      </a>
    </>
  );
}
