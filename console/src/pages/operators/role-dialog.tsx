import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, type Schemas } from '../../api/client';
import { ConfirmDialog } from '../../parts/confirm-dialog';
import { Field } from '../../parts/field';
import { FirstPassword } from './first-password';
import { ROLES, useOperatorTexts, type Role } from './operator-texts';

interface Props {
  /** Null: a new one. */
  readonly operator: Schemas['OperatorRow'] | null;
  readonly onClose: () => void;
}

interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly scope: string;
}

/** Invites an operator, or gives one another role or scope. */
export function RoleDialog({ operator, onClose }: Props) {
  const t = useOperatorTexts();
  const client = useQueryClient();
  const { id = '', name = '', role = 'participant', scope = null } = operator ?? {};
  const [wanted, setWanted] = useState<Wanted>({ id, name, role, scope: scope ?? '' });
  const order = useMutation({
    mutationFn: (reason: string) => (operator ? change(operator, wanted, reason) : invite(wanted, reason)),
    onSettled: () => client.invalidateQueries({ queryKey: ['operators'] }),
    onSuccess: (password) => password === null && onClose(),
  });
  if (order.data) return <FirstPassword operator={wanted.id} password={order.data} onClose={onClose} />;
  return (
    <ConfirmDialog
      title={operator ? `${t('change')}: ${operator.name}` : t('invite')}
      text={t(operator ? 'changeText' : 'inviteText')}
      confirm={t(operator ? 'change' : 'invite')}
      error={order.error}
      isPending={order.isPending}
      onConfirm={(reason) => order.mutate(reason)}
      onClose={onClose}
    >
      <Fields wanted={wanted} isNew={operator === null} change={(to) => setWanted({ ...wanted, ...to })} />
    </ConfirmDialog>
  );
}

interface FieldsProps {
  readonly wanted: Wanted;
  readonly isNew: boolean;
  readonly change: (to: Partial<Wanted>) => void;
}

function Fields({ wanted, isNew, change }: FieldsProps) {
  const t = useOperatorTexts();
  const text = (name: 'id' | 'name' | 'scope') => ({
    name,
    value: wanted[name],
    onChange: (event: { target: { value: string } }) => change({ [name]: event.target.value }),
  });
  return (
    <>
      {isNew && (
        <Field
          {...text('id')}
          label={t('id')}
          hint={t('idHint')}
          pattern="[a-z0-9][a-z0-9.\-]*"
          maxLength={64}
          required
        />
      )}
      <Field {...text('name')} label={t('name')} maxLength={200} required />
      <label className="console-filter mb-3">
        {t('role')}
        <select
          className="form-select"
          value={wanted.role}
          onChange={(event) => change({ role: event.target.value as Role })}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {t(`role.${one}`)}
            </option>
          ))}
        </select>
      </label>
      {wanted.role !== 'platform' && (
        <Field {...text('scope')} label={t('scope')} hint={t('scopeHint')} required={wanted.role !== 'auditor'} />
      )}
    </>
  );
}

/** Of the document; the scope of the platform is everything, and is not written. */
const partsOf = ({ name, role, scope }: Wanted) => ({
  name: name.trim(),
  role,
  ...(role !== 'platform' && scope.trim() && { scope: scope.trim() }),
});

async function put(document: { readonly id: string }, header: Record<string, string>, reason: string): Promise<void> {
  const params = { path: { kind: 'operator' as const, id: document.id }, query: { reason }, header };
  await api.PUT('/admin/registry/documents/{kind}/{id}', { params, body: document as never });
}

/** Resolves with the first password. */
async function invite(wanted: Wanted, reason: string): Promise<string> {
  const id = wanted.id.trim();
  await put({ id, ...{ kind: 'operator' }, ...partsOf(wanted) }, { 'If-None-Match': '*' }, reason);
  const params = { path: { id }, query: { reason } };
  return (await api.POST('/admin/operators/{id}/account', { params })).data!.password;
}

/** What else its document holds, as its tokens, stays. */
async function change({ id, revision }: Schemas['OperatorRow'], wanted: Wanted, reason: string): Promise<null> {
  const params = { path: { kind: 'operator' as const, id } };
  const { data } = await api.GET('/admin/registry/documents/{kind}/{id}', { params });
  const kept = { ...(data!.document as Record<string, unknown>) };
  delete kept['scope'];
  await put({ id, ...kept, ...partsOf(wanted) }, { 'If-Match': `"${revision}"` }, reason);
  return null;
}
