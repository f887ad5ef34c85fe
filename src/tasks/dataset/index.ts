export { huggingFaceSplit } from "./card.ts";
export { type Manifest, readManifest } from "./manifest.ts";
export { type ExampleFacts, examplesFrom, factsOf, stampOfSplit } from "./random-access.ts";
export {
  decodeExample,
  listSplits,
  type Pictures,
  type ReadOptions,
  readExamples,
  readSplit,
} from "./read.ts";
export { type DatasetMeta, type Examples, type WriteOptions, writeDataset } from "./write.ts";
