export { openCsvLog } from './csv-log.ts';
export { everyLog, type TrainingLog, type OpenLogOptions } from './training-log.ts';
export { openTensorboardLog, type TensorboardLogOptions } from './tensorboard/tensorboard-log.ts';
