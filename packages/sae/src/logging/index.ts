export { openCsvLog } from './csv-log.ts';
export { everyLog, type TrainingLog, type OpenLogOptions } from './training-log.ts';
export { openWandbLog, type WandbLogOptions } from './wandb/wandb-log.ts';
export { openTensorboardLog, type TensorboardLogOptions } from './tensorboard/tensorboard-log.ts';
