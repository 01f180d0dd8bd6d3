import { type ComponentProps, type ReactNode, useId } from 'react';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  children: (ids: { id: string; 'aria-describedby'?: string; className: string }) => ReactNode;
}

/** A label, what it labels, and a hint that is read with it. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const described = hint ? { 'aria-describedby': `${id}-hint` } : {};
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({ id, className: 'input', ...described })}
      {hint && (
        <p className="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface TextProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  label: string;
  hint?: ReactNode;
  value: string;
  onText(text: string): void;
}

export function TextField({ label, hint, onText, ...others }: TextProps) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => <input {...ids} {...others} onChange={(event) => onText(event.target.value)} />}
    </Field>
  );
}

interface SelectProps {
  label: string;
  hint?: ReactNode;
  value: string;
  options: { value: string; text: string }[];
  onText(text: string): void;
}

export function SelectField({ label, hint, value, options, onText }: SelectProps) {
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <select {...ids} value={value} onChange={(event) => onText(event.target.value)}>
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
