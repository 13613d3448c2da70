export { bundledModels, modelFolder, type BundledModel } from './models.ts';
export { dataSets, openDataSet, type DataSet, type OpenDataSet, type Split } from './data-sets.ts';
export { readTextDocuments, parseTextDocuments, TextError } from './text-documents.ts';
