/** Beside a finished SAE: the request and settings that it was trained with, as JSON. */
export const trainingFile = 'training.json';
