import type { FeatureExample } from '@monosema/catalog';
import type { ImportedExamples, ImportedFile, ImportedLabelRow } from '@monosema/db/queries';
import type { FinishedFile, ImportedExample, ImportedFeature, ImportedLabel, ImportProblem } from '@monosema/exchange';
import { scoreFeature } from '@monosema/pipeline';
import { ContextIndex } from './context-index.ts';
import { featureRecordOf } from './feature-record.ts';
import { groupedExamples, topTokensOf, type PlacedExample } from './grouped-examples.ts';
import type { ImportTokens } from './import-tokens.ts';

/** What an import knows across its files. */
export interface ImportMemory {
  tokens: ImportTokens;
  contexts: ContextIndex;
  /** Features whose numbers, and whose examples, have come. */
  features: Set<number>;
  examples: Set<number>;
  /** Tokens that were scanned; null where nobody said so. */
  scanned: number | null;
}

/** Problems of a file that are kept word by word. */
const keptProblems = 100;

/** Gathers what one file holds, until it has been read to its end. */
export class FileContent {
  private readonly features: ImportedFeature[] = [];
  private readonly placed = new Map<number, PlacedExample[]>();
  private readonly labels: ImportedLabelRow[] = [];
  private readonly localContexts = new ContextIndex();
  /** Strings of the file's contexts, by number. */
  private readonly contexts: Int32Array[] = [];
  private readonly problems: ImportProblem[] = [];
  private problemCount = 0;

  constructor(private readonly memory: ImportMemory) {}

  problem(problem: ImportProblem): void {
    this.problemCount++;
    if (this.problems.length < keptProblems) this.problems.push(problem);
  }

  feature(feature: ImportedFeature, file: string): void {
    const { index } = feature;
    if (this.memory.features.has(index))
      return this.problem({ file, place: `feature ${index}`, reason: 'it came before' });
    this.memory.features.add(index);
    this.features.push(feature);
    for (const { token } of [...feature.topLogits, ...feature.bottomLogits]) this.memory.tokens.numberOf(token);
  }

  example({ tokens, ...imported }: ImportedExample, file: string): void {
    const { index } = imported;
    const mine = this.placed.get(index);
    if (!mine && this.memory.examples.has(index))
      return this.problem({ file, place: `feature ${index}`, reason: 'examples of it came in a file before' });
    const numbers = this.memory.tokens.numbersOf(tokens);
    const { number: context, isNew } = this.localContexts.add(numbers);
    if (isNew) this.contexts.push(numbers);
    if (mine) mine.push({ imported, context });
    else this.placed.set(index, [{ imported, context }]);
  }

  label({ index, text, method, modelName, createdAt }: ImportedLabel): void {
    const author = [method, modelName].filter((name) => name !== null && name !== '').join(', ');
    const date = createdAt === null ? null : new Date(createdAt);
    this.labels.push({
      index,
      // Postgres keeps no NUL.
      text: text.replaceAll('\0', ' '),
      author: author === '' ? 'import' : author,
      createdAt: date && Number.isFinite(date.getTime()) ? date : null,
    });
  }

  /** The file as it is written; what it says of the whole import is settled by it. */
  finish({ file, bytes, sha256, records }: FinishedFile): ImportedFile {
    const { tokens, contexts, examples } = this.memory;
    const { ids, hasNewTokens } = tokens.settle();
    const firstContext = contexts.count;
    const fresh: Int32Array[] = [];
    const byNumber = this.contexts.map((numbers) => {
      const settled = Int32Array.from(numbers, (number) => ids[number]!);
      const { number, isNew } = contexts.add(settled);
      if (isNew) fresh.push(settled);
      return { number, tokens: settled };
    });
    const rows = [...this.placed].map(([index, placed]) => this.examplesOf(index, placed, byNumber));
    for (const index of this.placed.keys()) examples.add(index);
    const idsOf = (texts: readonly string[]): number[] => texts.map((text) => ids[tokens.numberOf(text)]!);
    return {
      ...{ file, bytes, sha256, records, firstContext, contexts: fresh, labels: this.labels },
      ...{ problems: this.problems, problemCount: this.problemCount },
      ownTokens: hasNewTokens ? tokens.ownTokens : null,
      spelling: tokens.spelling,
      features: this.features.map((feature) => featureRecordOf(feature, idsOf, this.memory.scanned)),
      examples: rows,
    };
  }

  private examplesOf(
    index: number,
    placed: readonly PlacedExample[],
    contexts: readonly { number: number; tokens: Int32Array }[],
  ): ImportedExamples {
    const tokensOf = new Map(placed.map(({ context }) => [contexts[context]!.number, contexts[context]!.tokens]));
    const inCatalog = placed.map(({ imported, context }) => ({ imported, context: contexts[context]!.number }));
    const { examples, groups } = groupedExamples(inCatalog);
    const topTokens = topTokensOf(examples, (context) => tokensOf.get(context)!);
    return { index, examples, groups, topTokens, score: scoreOf(examples, topTokens, tokensOf) };
  }
}

/** How specific the feature looks by its examples alone: an import says no more of its firings. */
function scoreOf(
  examples: readonly FeatureExample[],
  topTokens: ImportedExamples['topTokens'],
  tokensOf: ReadonlyMap<number, Int32Array>,
): number {
  const values = examples.flatMap((example) => example.values.filter((value) => value > 0));
  const seen = examples.reduce((sum, { context }) => sum + tokensOf.get(context)!.length, 0);
  if (values.length === 0) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const numbers = { firings: values.length, density: values.length / seen / 20, mean, topTokens: [...topTokens] };
  const live = examples.filter(({ maximum }) => maximum > 0);
  return scoreFeature(
    { ...numbers, examples: live },
    { tokenAt: (context, position) => tokensOf.get(context)![position]! },
  );
}
