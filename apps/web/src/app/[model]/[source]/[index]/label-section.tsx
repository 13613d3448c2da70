import type { FeatureAddress } from '@monosema/catalog';
import type { FeatureView, SessionUser } from '@monosema/api';
import { Section } from '../../../../components/section.tsx';
import { SignInLink } from '../../../../components/sign-in-link.tsx';
import { removeLabel, voteLabel } from './label-actions.ts';
import { LabelForm } from './label-form.tsx';

type Label = FeatureView['labels'][number];

interface LabelSectionProps {
  address: FeatureAddress;
  labels: readonly Label[];
  user: SessionUser | null;
}

/** What people say the feature means, best first, with votes. */
export function LabelSection({ address, labels, user }: LabelSectionProps) {
  return (
    <Section title="Labels">
      <div className="card overflow-hidden">
        {labels.length === 0 && <p className="text-muted p-3 text-sm">Nobody has said yet what this feature means.</p>}
        <ul className="divide-line divide-y" aria-label="Labels">
          {labels.map((label) => (
            <LabelRow key={label.id} label={label} address={address} user={user} />
          ))}
        </ul>
        {user ? (
          <LabelForm address={address} />
        ) : (
          <p className="border-line text-muted border-t p-3 text-sm">
            <SignInLink className="link">Sign in</SignInLink> to add a label or vote.
          </p>
        )}
      </div>
    </Section>
  );
}

function LabelRow({ label, address, user }: { label: Label; address: FeatureAddress; user: SessionUser | null }) {
  const mayRemove = user !== null && (user.role === 'admin' || user.id === label.author.id);
  return (
    <li className="flex items-start gap-3 px-3 py-2">
      <Votes label={label} address={address} signedIn={user !== null} />
      <div className="min-w-0 flex-1">
        <p className="break-words">{label.text}</p>
        <p className="text-muted flex flex-wrap items-baseline gap-x-2 text-xs">
          <span>{label.author.name ?? 'somebody'}</span>
          <time dateTime={label.createdAt.toISOString()}>{label.createdAt.toISOString().slice(0, 10)}</time>
          {mayRemove && (
            <details className="inline">
              <summary className="inline list-none underline underline-offset-2">Remove</summary>
              <form action={removeLabel.bind(null, address, label.id)} className="inline">
                {' '}
                <button className="text-danger underline underline-offset-2">Yes, remove it</button>
              </form>
            </details>
          )}
        </p>
      </div>
    </li>
  );
}

function Votes({ label, address, signedIn }: { label: Label; address: FeatureAddress; signedIn: boolean }) {
  const score = (
    <span
      className="min-w-5 text-center text-sm font-semibold"
      title={`${label.upvotes} for, ${label.downvotes} against`}
    >
      {label.score}
    </span>
  );
  if (!signedIn) return score;
  return (
    <div className="flex items-center gap-0.5">
      <VoteButton label={label} address={address} value={1} name="Vote for" sign="▲" />
      {score}
      <VoteButton label={label} address={address} value={-1} name="Vote against" sign="▼" />
    </div>
  );
}

interface VoteButtonProps {
  label: Label;
  address: FeatureAddress;
  value: 1 | -1;
  name: string;
  sign: string;
}

/** Pressing the vote that one has given takes it back. */
function VoteButton({ label, address, value, name, sign }: VoteButtonProps) {
  const given = label.myVote === value;
  return (
    <form action={voteLabel.bind(null, address, label.id, given ? 0 : value)}>
      <button
        aria-label={`${name}: ${label.text}`}
        aria-pressed={given}
        className={`hover:bg-surface-sunken grid size-7 place-items-center rounded text-xs ${given ? 'text-accent' : 'text-muted'}`}
      >
        {sign}
      </button>
    </form>
  );
}
