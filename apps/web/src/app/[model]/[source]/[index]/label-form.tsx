'use client';

import { useActionState } from 'react';
import type { FeatureAddress } from '@monosema/catalog';
import { addLabel, type LabelFormState } from './label-actions.ts';

/** One line: what the feature means. Works before scripts have loaded. */
export function LabelForm({ address }: { address: FeatureAddress }) {
  const [state, submit, pending] = useActionState<LabelFormState, FormData>(addLabel.bind(null, address), {});
  return (
    <form action={submit} className="border-line border-t p-3">
      <label htmlFor="label-text" className="text-muted mb-1 block text-sm">
        What does this feature mean?
      </label>
      <div className="flex gap-2">
        <input
          id="label-text"
          name="text"
          type="text"
          required
          maxLength={200}
          defaultValue={state.text}
          autoComplete="off"
          placeholder="A few words"
          aria-invalid={state.message ? true : undefined}
          aria-describedby="label-message"
          data-shortcut="label"
          className="field"
        />
        <button type="submit" disabled={pending} className="button button-primary">
          Add label
        </button>
      </div>
      <p id="label-message" role="alert" className="text-danger text-sm empty:hidden">
        {state.message}
      </p>
    </form>
  );
}
