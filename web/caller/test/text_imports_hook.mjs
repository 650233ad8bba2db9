// The loader half of text_imports.mjs; Node runs it on a thread of its own.
import { fileURLToPath } from "node:url";
import { packedList } from "../word_lists.mjs";

export async function load(url, context, nextLoad) {
  if (!url.endsWith(".txt")) return nextLoad(url, context);
  const text = await packedList(fileURLToPath(url));
  return { format: "module", shortCircuit: true, source: `export default ${JSON.stringify(text)};` };
}
