export { evaluateSae, type EvaluationOptions } from './evaluate-sae.ts';
