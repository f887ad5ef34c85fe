/** File formats: images, tables and archives of datasets, safetensors, journals, files written atomically. */

export {
  type AtomicFile,
  ensureDirectory,
  openAtomic,
  outputError,
  writeFileAtomic,
} from "./files/atomic.ts";
export { differences, digestOf, type Facts, type Inputs, sha256Of } from "./files/fingerprint.ts";
export { openJournal, readJournal } from "./files/journal.ts";
export { parseDocument, readJson, writeJson } from "./files/json-document.ts";
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
export { parseJson } from "./tables/json-text.ts";
export { openParquet } from "./tables/parquet-read.ts";
export {
  type ColumnKind,
  type Columns,
  createParquet,
  type ParquetSink,
  type Row,
  type WrittenFile,
} from "./tables/parquet-write.ts";
export { mistakenFile, mistakenFor, sniffedBytes, unreadableFile } from "./tables/sniff.ts";
export { tarSamples } from "./tables/tar.ts";
export { linesOf, textOf, wholeText } from "./tables/text.ts";
