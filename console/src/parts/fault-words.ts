import { useQuery } from '@tanstack/react-query';
import type { FaultCode, FaultWords } from '../../../src/message/fault-catalogue';
import { useLanguage } from '../i18n/texts';

/** The catalogue of the gateway that this console is built with; a page that shows no refusal does not load it. */
const catalogue = {
  queryKey: ['fault catalogue'],
  queryFn: () => import('../../../src/message/fault-catalogue'),
  staleTime: Infinity,
  gcTime: Infinity,
  networkMode: 'always',
} as const;

/** What a refusal means and what to do about it, in the operator's language; null while that is not known. */
export function useFaultWords(code: string | null | undefined): FaultWords | null {
  const [language] = useLanguage();
  const { data } = useQuery({ ...catalogue, enabled: Boolean(code) });
  if (!data || !code || !(code in data.FAULTS)) return null;
  return data.faultWords(code as FaultCode, language);
}
