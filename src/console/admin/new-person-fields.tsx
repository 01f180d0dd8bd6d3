import type { Invitation } from '../../server/people-api.ts';
import { Choices } from '../parts/choices.tsx';
import { TextField } from '../parts/field.tsx';
import { texts } from '../texts.ts';
import { useAdmin } from '../use-ask.ts';

const t = texts.admin.people;

export interface NewPersonText {
  name: string;
  displayName: string;
  mail: string;
  groups: string[];
}

export function newPersonOf({ name, displayName, mail, groups }: NewPersonText): Invitation {
  return {
    name: name.trim(),
    ...(displayName.trim() ? { displayName: displayName.trim() } : {}),
    ...(mail.trim() ? { mail: mail.trim() } : {}),
    ...(groups.length > 0 ? { groups } : {}),
  };
}

export function NewPersonFields({
  text,
  onText,
}: {
  text: NewPersonText;
  onText(text: NewPersonText): void;
}) {
  const groups = useAdmin('groups', {});
  const names = groups.data?.groups.map(({ name }) => name) ?? [];
  return (
    <>
      <TextField
        label={t.name}
        hint={t.nameHint}
        autoCapitalize="none"
        autoComplete="off"
        spellCheck={false}
        value={text.name}
        onText={(name) => onText({ ...text, name })}
        autoFocus
        required
      />
      <TextField
        label={t.displayName}
        autoComplete="off"
        value={text.displayName}
        onText={(displayName) => onText({ ...text, displayName })}
      />
      <TextField
        label={t.mail}
        type="email"
        autoComplete="off"
        value={text.mail}
        onText={(mail) => onText({ ...text, mail })}
      />
      {names.length > 0 && (
        <Choices
          label={t.groups}
          options={names}
          chosen={text.groups}
          onChoose={(chosen) => onText({ ...text, groups: chosen })}
        />
      )}
    </>
  );
}
