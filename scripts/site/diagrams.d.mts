/** Rooms of src in layers from top to bottom, each with a note. */
export const layers: readonly { title: string; rooms: Readonly<Record<string, string>> }[];
/** docs/images/rooms.svg. */
export function drawRooms(): string;
/** docs/images/run-directory.svg. */
export function drawRunDirectory(): string;
