import type { DataSetRecord, ModelRecord } from '@monosema/catalog';
import { fieldLabels } from './fault-summary.tsx';
import { FormField } from '../../../forms/form-field.tsx';
import { defaultHookPoint } from './launch-draft.ts';
import type { DraftFields } from './launch-form.tsx';

/** Where the SAE sits: which model, which text, which activations. */
export function SiteFields(props: DraftFields & { models: ModelRecord[]; dataSets: DataSetRecord[] }) {
  const { draft, change, faults, models, dataSets } = props;
  const model = models.find(({ id }) => id === draft.modelId);
  const hook = model?.hookPoints.find(({ name }) => name === draft.hookPoint);
  return (
    <fieldset className="card grid gap-5 p-5 md:grid-cols-2">
      <legend className="px-1 font-semibold">Activations</legend>
      <FormField
        label={fieldLabels.modelId}
        faults={faults.modelId}
        hint={model && `${model.layers} layers, d_model ${model.dModel}`}
      >
        {(control) => (
          <select
            {...control}
            className="field"
            value={draft.modelId}
            onChange={(event) => {
              const chosen = models.find(({ id }) => id === event.target.value);
              change({ modelId: event.target.value, hookPoint: chosen ? defaultHookPoint(chosen) : '' });
            }}
          >
            {models.map(({ id, displayName }) => (
              <option key={id} value={id}>
                {displayName}
              </option>
            ))}
          </select>
        )}
      </FormField>
      <FormField
        label={fieldLabels.dataSetId}
        faults={faults.dataSetId}
        hint="The text whose activations the SAE learns from. Part of it is held out for the evaluation."
      >
        {(control) => (
          <select
            {...control}
            className="field"
            value={draft.dataSetId}
            onChange={(event) => change({ dataSetId: event.target.value })}
          >
            {dataSets.map(({ id, displayName }) => (
              <option key={id} value={id}>
                {displayName}
              </option>
            ))}
          </select>
        )}
      </FormField>
      <FormField
        label={fieldLabels.hookPoint}
        faults={faults.hookPoint}
        hint={
          hook
            ? `${hook.width} values per token (d_in). resid_post is the residual stream after a layer: the usual place.`
            : 'Where in the model activations are read.'
        }
      >
        {(control) => (
          <select
            {...control}
            className="field font-mono text-sm"
            value={draft.hookPoint}
            onChange={(event) => change({ hookPoint: event.target.value })}
          >
            {model?.hookPoints.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </FormField>
    </fieldset>
  );
}
