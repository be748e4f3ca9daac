import { useMutation, useQueryClient, type QueryKey } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ConfirmDialog } from './confirm-dialog';

interface Props {
  readonly title: string;
  readonly text: string;
  readonly confirm: string;
  readonly children?: ReactNode;
  /** Gives the order, with its reason. */
  readonly give: (reason: string) => Promise<unknown>;
  /** What is asked anew once it is given. */
  readonly changes: QueryKey;
  readonly onClose: () => void;
}

/** One order to the gateway: what it does is confirmed, why is told, and what it changes is shown anew. */
export function OrderDialog({ give, changes, onClose, ...told }: Props) {
  const client = useQueryClient();
  const order = useMutation({
    mutationFn: give,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: changes });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      {...told}
      error={order.error}
      isPending={order.isPending}
      onConfirm={(reason) => order.mutate(reason)}
      onClose={onClose}
    />
  );
}
