'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState, type FormEvent } from 'react';
import type { DataSetRecord, ModelRecord } from '@monosema/catalog';
import { useTRPC } from '../../../trpc/client.tsx';
import { FaultSummary } from './fault-summary.tsx';
import { architectureDefaults, draftFor, presets, requestOf, type LaunchDraft } from './launch-draft.ts';
import { SaeFields } from './sae-fields.tsx';
import { SiteFields } from './site-fields.tsx';
import { TrainingFields } from './training-fields.tsx';

/** How the parts of the form read and change the draft. */
export interface DraftFields {
  draft: LaunchDraft;
  change: (values: Partial<LaunchDraft>) => void;
  /** What the server said about a field of the request. */
  faults: Record<string, string[]>;
}

export interface LaunchFormProps {
  models: ModelRecord[];
  dataSets: DataSetRecord[];
  modelId?: string;
}

/** Asks for a training run. What is possible is decided by the server, and shown at the field it is about. */
export function LaunchForm({ models, dataSets, modelId }: LaunchFormProps) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState(() => draftFor(models, dataSets, modelId));
  const launch = useMutation(
    useTRPC().run.launch.mutationOptions({ onSuccess: ({ runId }) => router.push(`/runs/${runId}`) }),
  );
  const faults: Record<string, string[]> = launch.error?.data?.fields ?? {};
  const change = (values: Partial<LaunchDraft>): void => {
    const defaults = values.architecture ? architectureDefaults(values.architecture) : {};
    setDraft((before) => ({ ...before, ...defaults, ...values }));
  };
  useEffect(() => {
    if (launch.isError) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [launch.isError, launch.submittedAt]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    launch.mutate(
      requestOf(
        draft,
        models.find(({ id }) => id === draft.modelId),
      ),
    );
  };
  const fields: DraftFields = { draft, change, faults };
  return (
    <form ref={form} className="space-y-6" onSubmit={submit} noValidate>
      <Presets onPick={change} />
      <SiteFields {...fields} models={models} dataSets={dataSets} />
      <SaeFields {...fields} />
      <TrainingFields {...fields} />
      {launch.error && <FaultSummary message={launch.error.message} faults={faults} />}
      <button type="submit" className="button button-primary" disabled={launch.isPending || launch.isSuccess}>
        {launch.isPending || launch.isSuccess ? 'Launching…' : 'Launch run'}
      </button>
    </form>
  );
}

function Presets({ onPick }: { onPick: (values: Partial<LaunchDraft>) => void }) {
  return (
    <div role="group" aria-label="Presets" className="flex flex-wrap items-center gap-2">
      <span className="text-muted">Start from</span>
      {presets.map((preset) => (
        <button
          key={preset.name}
          type="button"
          className="button"
          title={preset.note}
          onClick={() => onPick(preset.values)}
        >
          {preset.name}
        </button>
      ))}
    </div>
  );
}
