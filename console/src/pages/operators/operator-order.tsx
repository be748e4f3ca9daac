import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, type Schemas } from '../../api/client';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { FirstPassword } from './first-password';
import { useOperatorTexts } from './operator-texts';

export type Order = 'make' | 'reset' | 'end' | 'close' | 'remove';

export interface Ordered {
  readonly order: Order;
  readonly row: Schemas['OperatorRow'];
}

/** Tells what the order does and gives it; a first password is shown once. */
export function OperatorOrder({ ordered, onClose }: { readonly ordered: Ordered; readonly onClose: () => void }) {
  const t = useOperatorTexts();
  const client = useQueryClient();
  const { order, row } = ordered;
  const given = useMutation({
    mutationFn: (reason: string) => GIVE[order](row, reason),
    onSettled: () => client.invalidateQueries({ queryKey: ['operators'] }),
    onSuccess: (password) => password === null && onClose(),
  });
  if (given.data) return <FirstPassword operator={row.id} password={given.data} onClose={onClose} />;
  return (
    <ConfirmDialog
      title={`${t(order)}: ${row.name}`}
      text={t(`${order}Text`)}
      confirm={t(order)}
      error={given.error}
      isPending={given.isPending}
      onConfirm={(reason) => given.mutate(reason)}
      onClose={onClose}
    />
  );
}

type Give = (row: Schemas['OperatorRow'], reason: string) => Promise<string | null>;

const newPassword: Give = async ({ id }, reason) => {
  const params = { path: { id }, query: { reason } };
  return (await api.POST('/admin/operators/{id}/account', { params })).data!.password;
};

/** Each resolves with a first password, or with null. */
const GIVE: Readonly<Record<Order, Give>> = {
  make: newPassword,
  reset: newPassword,
  end: async ({ id }, reason) => {
    await api.DELETE('/admin/operators/{id}/sessions', { params: { path: { id }, query: { reason } } });
    return null;
  },
  close: async ({ id }, reason) => {
    await api.DELETE('/admin/operators/{id}/account', { params: { path: { id }, query: { reason } } });
    return null;
  },
  remove: async ({ id, revision, account }, reason) => {
    if (account) await api.DELETE('/admin/operators/{id}/account', { params: { path: { id }, query: { reason } } });
    const header = { 'If-Match': `"${revision}"` };
    const params = { path: { kind: 'operator' as const, id }, query: { reason }, header };
    await api.DELETE('/admin/registry/documents/{kind}/{id}', { params });
    return null;
  },
};
