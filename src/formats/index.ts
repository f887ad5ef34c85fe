/** File formats: images, tables and archives of datasets, safetensors, journals, files written atomically. */

export {
  type AtomicFile,
  ensureDirectory,
  openAtomic,
  outputError,
  writeFileAtomic,
  writeLinesAtomic,
} from "./files/atomic.ts";
export { differences, digestOf, type Facts, type Inputs, sha256Of } from "./files/fingerprint.ts";
export { openJournal, readJournal, sealed, unsealed } from "./files/journal.ts";
export { parseDocument, readJson, writeJson } from "./files/json-document.ts";
export { NotAFileError, openRegular, readRegular, TooLongError } from "./files/regular.ts";
export {
  type Claim,
  claim,
  compareClaim,
  contentsOf,
  foreignDirectory,
  otherRequest,
  REQUEST_FILE,
  withVersion,
} from "./files/request-file.ts";
export { lightened, lightWithout, openScratch } from "./files/scratch.ts";
export {
  changedPart,
  checkPart,
  MANIFEST_FILE,
  requireUnchanged,
  STATE_FILE,
  sealPart,
} from "./files/seal.ts";
export { parseYaml } from "./files/yaml.ts";
export { cutOut, decodeImage, requireDecoder } from "./images/decode.ts";
export { loadSharp } from "./images/load-sharp.ts";
export { mayBeTurned, upright } from "./images/orientation.ts";
export { decodePng, encodeIndexedPng, encodePng, type Picture } from "./images/png.ts";
export { isAvif } from "./images/signatures.ts";
export { imageSize } from "./images/size.ts";
export { cutTransparent, dropTransparency, isTransparent, onWhite } from "./images/transparency.ts";
export { type Dtype, float32, floatsOf, type Tensor, toFloat32 } from "./safetensors/dtype.ts";
export type { SafetensorsHeader } from "./safetensors/header.ts";
export { readSafetensors, readSafetensorsHeader } from "./safetensors/read.ts";
export { streamSafetensors, writeSafetensors } from "./safetensors/write.ts";
export { arrowRows } from "./tables/arrow.ts";
export { csvLine, tsvLine } from "./tables/csv.ts";
export { parseJson } from "./tables/json-text.ts";
export { checkJson, listedJson } from "./tables/json-walk.ts";
export { checkRows, type DataLimits, dataLimits } from "./tables/limits.ts";
export { openParquet } from "./tables/parquet-read.ts";
export {
  type ColumnKind,
  type Columns,
  type ColumnValue,
  createParquet,
  type ParquetSink,
  type Row,
  type WrittenFile,
} from "./tables/parquet-write.ts";
export { mistakenFile, mistakenFor, sniffedBytes, unreadableFile } from "./tables/sniff.ts";
export { tarSamples } from "./tables/tar.ts";
export { type Line, linesOf, textOf, wholeText } from "./tables/text.ts";
export { eventFile, type Scalar } from "./tables/tfevents.ts";
