// Faults of other programs that this one must not repeat, and golden recipes, each with the tests that cover it or the
// reason why it can't occur. `faults.test.ts` checks that the tests are there; scripts/fault-table.ts prints the tables of
// docs/saes.md.

/** A test: its file from the project's root, and how its title begins (of a table of tests: the title with its %s). */
export type TestName = readonly [file: string, title: string];

interface Covered {
  number: number;
  /** The fault as others had it, or what the recipe checks. */
  what: string;
  tests?: readonly TestName[];
  /** Why it can't occur here, or what is different here. */
  why?: string;
}
export interface Fault extends Covered {
  /** Issues and pull requests: of SAELens, unless another is named. */
  issues: string;
}

const test =
  (folder: string) =>
  (file: string, title: string): TestName => [`packages/${folder}/${file}.test.ts`, title];
const fault = test('sae/src/faults');
const sae = test('sae/src');
const model = test('model/src');
const pipeline = test('pipeline/src');
const recipe = (title: string): TestName => sae('architectures/recipes', title);

const resumes = sae(
  'training/train-sae',
  'a run gives metrics, checkpoints, evaluation and SAE, and resumes bit by bit',
);

/** Section 8A of the SAE reference, in its order. */
export const faults: readonly Fault[] = [
  {
    ...{ number: 1, issues: '#354, #355', what: 'folding the scale of inputs forgot b_dec' },
    tests: [fault('folding', '#354, #212'), recipe('9. an input scale, folded')],
  },
  {
    ...{ number: 2, issues: '#212', what: 'folding scaled the encoder only' },
    tests: [fault('folding', '#354, #212'), recipe('9. an input scale, folded')],
  },
  { number: 3, issues: '#404', what: 'folding decoder norms forgot thresholds', tests: [fault('folding', '#404')] },
  {
    ...{ number: 4, issues: 'SAELens 5', what: 'folding multiplied r_mag, a logarithm' },
    tests: [fault('folding', 'SAELens 5: folding multiplied the r_mag')],
  },
  { number: 5, issues: '#588, #590', what: 'a decoder row of zeros became NaN', tests: [fault('folding', '#588')] },
  {
    ...{ number: 6, issues: '#494, #718', what: 'a threshold trained as a logarithm could not move' },
    tests: [fault('losses', '#494, #728')],
  },
  { number: 7, issues: '#728', what: 'a threshold in bfloat16 froze', tests: [fault('losses', '#494, #728')] },
  {
    ...{ number: 8, issues: 'dictionary_learning #55', what: 'the step function took values that were gated already' },
    tests: [fault('losses', 'dictionary_learning #55')],
  },
  {
    ...{ number: 9, issues: '#644, sparsify #132', what: 'the auxiliary loss counted b_dec twice' },
    tests: [fault('losses', '#644, sparsify #132'), recipe('12. aux-k')],
  },
  {
    ...{ number: 10, issues: '#432', what: 'k_aux was d_sae / 2, and the residual was not detached' },
    tests: [fault('losses', '#432'), fault('losses', '#644, sparsify #132')],
  },
  {
    ...{ number: 11, issues: '#443, #665', what: 'explained variance was about zero, or a mean of ratios' },
    tests: [fault('measures', '#443, #665'), sae('evaluation/evaluate-sae', 'the mean explains none of the variance')],
  },
  {
    ...{ number: 12, issues: '#711', what: 'MSE depended on the tokens of a batch' },
    tests: [fault('measures', '#711'), fault('losses', '#711')],
  },
  {
    ...{ number: 13, issues: '#521', what: 'explained variance compared a scaled with an unscaled value' },
    tests: [fault('measures', '#521')],
  },
  {
    ...{ number: 14, issues: '#163, #219', what: 'all heads were ablated to measure an SAE of one' },
    tests: [fault('files', '#163')],
    why: 'SAEs of a single head are refused; those of hook_z read all heads, and all of them are replaced.',
  },
  {
    ...{ number: 15, issues: '#532, SAEBench #92', what: 'KL became infinite, and was of the other direction' },
    tests: [
      fault('measures', '#532'),
      sae('evaluation/saelens-evaluations', 'measures what sae-lens and sae_bench measure'),
    ],
  },
  {
    ...{ number: 16, issues: '#467', what: 'the norm was estimated from first tokens only' },
    tests: [fault('store', '#467')],
  },
  {
    ...{ number: 17, issues: '#439, #440', what: 'b_dec began at the median of unscaled activations' },
    tests: [fault('store', '#439')],
  },
  {
    ...{ number: 18, issues: '#724', what: 'BOS with the id 0 counted as none' },
    tests: [
      model('tokenizer/token-contexts', 'contexts begin with BOS, also where it is token 0'),
      model('tokenizer/read-tokenizer', 'BOS is the tokenizer’s own'),
    ],
  },
  {
    ...{ number: 19, issues: '#611, #559', what: 'empty documents, and BOS where documents are not joined' },
    tests: [
      model('tokenizer/token-contexts', 'the last partial context is dropped, and empty documents leave no trace'),
      model('token-streams/token-stream', 'recipe 17'),
      model('token-streams/token-stream', 'documents that fill nothing do not turn for ever'),
    ],
  },
  {
    ...{ number: 20, issues: '#472, #492, SAEDashboard #46', what: 'BOS stood in the middle of contexts' },
    tests: [
      model('token-streams/token-stream', 'recipe 17'),
      model('token-streams/context-packer', 'rows are those that SAELens 6.54 makes'),
    ],
  },
  {
    ...{ number: 21, issues: '#592, #608', what: 'BatchTopK files were read as ReLU, their threshold dropped' },
    tests: [
      fault('files', '#592'),
      sae('layouts/recorded-layouts', 'files of another program give its codes and outputs'),
      sae('layouts/recorded-layouts', 'dictionary_learning: a BatchTopK SAE can be read as it was trained'),
    ],
  },
  {
    ...{ number: 22, issues: '#554', what: 'old TopK files that say "standard" were read as ReLU' },
    tests: [fault('files', '#554')],
  },
  {
    ...{
      number: 23,
      issues: '#308, #208, #168, #193',
      what: 'TopK and gated files, and those that lack fields, did not load',
    },
    tests: [
      fault('files', '#168, #193'),
      sae('checkpoint/saelens', 'files of sae-lens give its codes and outputs'),
      sae('checkpoint/saelens', 'every default applied on load is reported'),
      sae('checkpoint/saelens-old', 'SAELens %s: its file gives its codes and outputs'),
      sae('layouts/recorded-layouts', 'files of another program give its codes and outputs'),
    ],
  },
  {
    ...{ number: 24, issues: '#483, #645', what: "Llama Scope's thresholds were in other units than its inputs" },
    tests: [
      sae('layouts/llama-scope', '#483, #645'),
      sae('layouts/llama-scope', "a threshold is in units of the decoder's norm"),
    ],
  },
  {
    ...{ number: 25, issues: '#516, #624, #632, #725', what: 'transcoders: b_dec, shapes and precision of W_skip' },
    tests: [
      ...[fault('files', '#516'), fault('files', '#725'), recipe('11. a transcoder has a width of its own')],
      sae('layouts/published-layouts', 'a published layout is found and gives the codes and outputs of sae-lens'),
    ],
  },
  {
    ...{ number: 26, issues: '#547, #570', what: 'the budget of BatchTopK was of the first dimension, and k whole' },
    tests: [fault('losses', '#570, #547'), recipe('4. batchtopk keeps exactly')],
    why: 'Inputs are always rows, [tokens, d_in].',
  },
  { number: 27, issues: '#727', what: 'any widths of a Matryoshka SAE were taken', tests: [fault('losses', '#727')] },
  {
    ...{ number: 28, issues: '#326, #637', what: 'the error term undid ablations, or came from the edited pass' },
    tests: [fault('splicing', '#326, #637')],
  },
  {
    ...{ number: 29, issues: '#231, #232, #322, #704', what: 'hooks of an SAE saw other values than their names say' },
    tests: [fault('splicing', '#322'), fault('splicing', '#231')],
    why: 'An SAE has no hooks of its own. Its input is the hook point’s value as it stands, and an edit gets the codes after the gate.',
  },
  {
    ...{
      number: 30,
      issues: 'of SAELens’s loader of sparsify',
      what: 'W_dec was transposed, and b_dec not subtracted',
    },
    tests: [sae('layouts/recorded-layouts', 'fault 30')],
  },
  {
    ...{ number: 31, issues: '#279', what: 'SAEs of centred models were given uncentred activations' },
    tests: [
      fault('splicing', '#279'),
      sae('pretrained/published-entry', '#279'),
      model('processing/process-weights', 'centerWritingWeights: the residual stream loses its mean'),
    ],
  },
  {
    ...{ number: 32, issues: '#682, #712', what: 'a resume argument was ignored' },
    tests: [fault('runs', '#682, #712')],
  },
  {
    ...{ number: 33, issues: '#106, #451, #561', what: 'a resumed run was another run' },
    tests: [
      resumes,
      sae('training/train-architectures', 'a %s run learns, is saved as what it is used as, and resumes bit by bit'),
      ['workers/train-sae/src/kill.db.test.ts', 'a worker that is killed in the middle of training is replaced'],
    ],
  },
  {
    ...{
      number: 34,
      issues: '#613, #626, #716',
      what: 'contexts longer than a run, a buffer without bound, a cache that needed its text',
    },
    tests: [
      fault('store', '#626, #627'),
      sae('training/chunk-order', 'two readers share what is computed, and what both are past is let go of'),
      sae('training/cached/cached-activations', 'SAELens #716'),
    ],
  },
  {
    ...{ number: 35, issues: '#673 to #676, #723', what: 'crashes of autocast, and of tensors on different devices' },
    why: 'Calculations are in float32, whatever a file holds; an engine has one device, and arrays go in and out of it whole.',
  },
  {
    ...{ number: 36, issues: '#680', what: 'all layers ran where a hook had no dot at its end' },
    tests: [fault('runs', '#680')],
  },
  {
    ...{ number: 37, issues: '#679', what: 'compile_llm compiled nothing' },
    why: 'There is nothing to switch on: every pass is compiled, and a program that cannot be is an error.',
  },
  {
    ...{
      number: 38,
      issues: 'TransformerLens #369, #373, #653, #1139, #1418',
      what: 'double BOS, spaces, padding ids, centring of RMS models',
    },
    tests: [
      model('tokenizer/tokenizer', 'BOS stands once, and only where it is wanted'),
      model('tokenizer/token-contexts', 'a document that brings its own BOS does not get another'),
      model('tokenizer/read-tokenizer', '$text has the ids of sentencepiece'),
      model('processing/process-weights', 'what would make another model of it is refused'),
    ],
    why: 'Contexts are full rows: there is no padding.',
  },
  {
    ...{ number: 39, issues: 'sparsify #41, #44, #120', what: 'crashes without excluded tokens, and without Triton' },
    tests: [fault('store', 'sparsify #120')],
    why: 'Nothing has to be compiled for a machine: kernels are WebAssembly and come with the package.',
  },
  {
    ...{
      number: 40,
      issues: 'SAEDashboard #45, neuronpedia #123',
      what: 'dashboards were made on other activations than the SAE reads',
    },
    tests: [
      pipeline('centred-sae', 'SAEDashboard #45'),
      model('tokenizer/token-contexts', 'a document that brings its own BOS does not get another'),
    ],
  },
];

/** Section 11 of the SAE reference. */
export const recipes: readonly Covered[] = [
  { number: 1, what: 'standard, b_dec subtracted or not', tests: [recipe('1. standard, b_dec subtracted')] },
  {
    ...{ number: 2, what: 'TopK with ties, and with nothing positive' },
    tests: [recipe('k 2 with ties keeps two'), recipe('fewer than k where only one is positive')],
  },
  { number: 3, what: 'TopK rescaled by decoder norm, saved with unit rows', tests: [recipe('3. topk rescaled')] },
  { number: 4, what: 'BatchTopK: exactly floor(k · tokens) codes', tests: [recipe('4. batchtopk')] },
  { number: 5, what: 'JumpReLU: strictly above the threshold', tests: [recipe('5. jumprelu')] },
  { number: 6, what: 'gated: a gate at 0 is shut, r_mag is a logarithm', tests: [recipe('6. gated')] },
  { number: 7, what: 'layer_norm: n − 1, and 1e−5 on the way in', tests: [recipe('7. layer_norm')] },
  { number: 8, what: 'constant_norm_rescale of zeros', tests: [recipe('8. constant_norm_rescale')] },
  { number: 9, what: 'a folded scale of inputs', tests: [recipe('9. an input scale, folded')] },
  { number: 10, what: 'hook_z, decoded without an encode before', tests: [recipe('10. hook_z')] },
  { number: 11, what: 'transcoders and W_skip', tests: [recipe('11. a transcoder')] },
  { number: 12, what: 'aux-k of few dead latents', tests: [recipe('12. aux-k')] },
  { number: 13, what: 'ghost gradients', tests: [recipe('13. ghost gradients')] },
  { number: 14, what: 'warm-ups, step by step', tests: [sae('training/schedule', '14. warm-up of 4')] },
  { number: 15, what: 'decay, step by step', tests: [sae('training/schedule', '15. decay of 4')] },
  {
    ...{ number: 16, what: 'measures are pooled; the CE score is 1 for the identity and 0 for nothing' },
    tests: [
      sae('evaluation/evaluate-sae', 'an SAE that loses nothing scores 1'),
      sae('evaluation/evaluate-sae', 'zero reconstructions score 0'),
      sae('evaluation/evaluate-sae', 'measures are those of encode and decode, pooled'),
      fault('measures', '#711'),
    ],
  },
  {
    ...{ number: 17, what: 'documents in contexts' },
    tests: [
      model('token-streams/token-stream', 'recipe 17'),
      model('tokenizer/token-contexts', 'contexts begin with BOS'),
    ],
  },
  {
    ...{ number: 18, what: 'dashboards of dead features, and ids beyond the tokenizer' },
    tests: [
      pipeline('dashboard-accumulator', 'a dead feature has an empty dashboard'),
      model('tokenizer/tokenizer', 'ids beyond the tokenizer get a placeholder'),
    ],
  },
  {
    ...{ number: 19, what: 'files of all ages' },
    tests: [
      sae('checkpoint/saelens', 'a config of SAELens 5 or older is read as sae-lens reads it'),
      sae('checkpoint/saelens-old', 'SAELens %s: its file gives its codes and outputs'),
      fault('files', '#592'),
      fault('files', '#168, #193'),
    ],
  },
  {
    ...{ number: 20, what: 'a centred model’s residual stream is the plain one minus its mean' },
    tests: [
      model('processing/process-weights', 'centerWritingWeights: the residual stream loses its mean'),
      model('processing/process-weights', 'centerUnembed: logits lose a constant per token'),
    ],
  },
];
