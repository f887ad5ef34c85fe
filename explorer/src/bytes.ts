/** Arrays of numbers as text, and back. Without side effects: the script of the model has its own copy. */

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const characters = atob(text);
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}
/** Bytes as text, the reverse of `bytesOf`. */
export function textOf(bytes: Uint8Array): string {
  let characters = "";
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}
export const floatsOf = (text: string): Float32Array => new Float32Array(bytesOf(text).buffer);
export const shortsOf = (text: string): Uint16Array => new Uint16Array(bytesOf(text).buffer);
export const integersOf = (text: string): Int32Array => new Int32Array(bytesOf(text).buffer);
