// What word_lists.mjs gives to programs in TypeScript.
import type { Plugin } from "esbuild";

export function packedList(path: string): Promise<string>;
export const wordLists: Plugin;
