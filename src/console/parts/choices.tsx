import { Found } from './found.tsx';

interface Props {
  label: string;
  options: string[];
  chosen: string[];
  onChoose(chosen: string[]): void;
}

/** Boxes to tick. */
export function Choices({ label, options, chosen, onChoose }: Props) {
  return (
    <fieldset className="stack tight">
      <legend className="label">{label}</legend>
      <Found items={options} words={(option) => option}>
        {(found) => (
          <div className="choices">
            {found.map((option) => (
              <label key={option}>
                <input
                  type="checkbox"
                  checked={chosen.includes(option)}
                  onChange={({ target }) =>
                    onChoose(target.checked ? [...chosen, option] : chosen.filter((one) => one !== option))
                  }
                />
                {option}
              </label>
            ))}
          </div>
        )}
      </Found>
    </fieldset>
  );
}
